/** A cluster of PostgreSQL on disk: what has to be there before a server can be started on it. */
import { createHash } from 'node:crypto'
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { isAlive, systemCode } from './processes.ts'
import { EmbeddedError, type Programs } from './programs.ts'

/** Who may log in, and the database that is there from the start. */
export interface Settings {
  user: string
  password: string
  database: string
  /** The port to try first. Another free one is taken if it is busy. */
  port: number
}

/** Where all clusters are. */
export const dataFolder = join(import.meta.dirname, '../.made/embedded')

/**
 * Makes a cluster with its role and database. It is built beside its place and then renamed, so that it is either whole or
 * not there, and of several shells the first one wins.
 *
 * @throws {EmbeddedError} with PostgreSQL's words, if it does not succeed.
 */
export function makeCluster(programs: Programs, cluster: string, settings: Settings): void {
  console.error('-- Making a PostgreSQL cluster in .made/embedded ...')
  const unfinished = `${cluster}.new-${process.pid}`
  try {
    mkdirSync(unfinished)
    if (programs.owner !== undefined) chownSync(unfinished, programs.owner, programs.owner)
    initialise(programs, unfinished)
    const problem = ensureRoleAndDatabase(programs, unfinished, settings)
    if (problem) throw new EmbeddedError(problem)
    renameSync(unfinished, cluster)
  } catch (error) {
    if (!existsSync(cluster)) throw error
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

/**
 * Makes the folder for the clusters, for their owner alone.
 *
 * @throws {EmbeddedError} if it cannot be written.
 */
export function makeDataFolder({ owner }: Programs): void {
  try {
    mkdirSync(dirname(dataFolder), { recursive: true })
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
    accessSync(dataFolder, constants.W_OK)
    if (owner !== undefined) chownSync(dataFolder, owner, owner)
  } catch (error) {
    throw new EmbeddedError(
      `The embedded server keeps its data in ${dataFolder}, which cannot be written ` +
        `(${systemCode(error)}). Make the folder writable, or use Docker.`,
    )
  }
}

/** Removes what killed makers of clusters have left. Returns the process of one that lives, if any. */
export function sweepUnfinished(): number | undefined {
  let living: number | undefined
  for (const name of readdirSync(dataFolder)) {
    const maker = Number(/\.new-(\d+)$/.exec(name)?.[1])
    if (maker && isAlive(maker)) living = maker
    else if (maker) rmSync(join(dataFolder, name), { recursive: true, force: true })
  }
  return living
}

/** Makes a cluster in an empty folder, that lets nobody in without a password. */
export function initialise(programs: Programs, folder: string): void {
  // The same encoding and collation as in docker-compose.yml, so that ORDER BY agrees.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en-US']
  const options = ['--username=postgres', '--auth=trust', '--no-instructions', '--no-sync']
  const { status, stderr, error } = programs.run('initdb', ['-D', folder, ...locale, ...options])
  if (status !== 0) throw new EmbeddedError(`initdb failed: ${error?.message ?? stderr.trim()}`)
  const rules =
    '# From this machine only, and only with a password.\nhost all all 127.0.0.1/32 scram-sha-256\n'
  writeFileSync(join(folder, 'pg_hba.conf'), rules)
}

// A cluster remembers which settings it was given last, so that an edited .env is noticed.
const settingsFile = (cluster: string) => join(cluster, 'settings.sha256')

function digest({ user, password, database }: Settings): string {
  return createHash('sha256')
    .update(JSON.stringify([user, password, database]))
    .digest('hex')
}

/** Whether these were the settings that the cluster was given last. */
export function hasSettings(cluster: string, settings: Settings): boolean {
  const file = settingsFile(cluster)
  return existsSync(file) && readFileSync(file, 'utf8') === digest(settings)
}

/** Gives the cluster its role and database, with no server running. Returns PostgreSQL's complaint, if any. */
export function ensureRoleAndDatabase(
  programs: Programs,
  cluster: string,
  settings: Settings,
): string | undefined {
  const role = identifier(settings.user)
  const statements = [
    `create role ${role}`,
    `alter role ${role} superuser login password ${literal(settings.password)}`,
    `create database ${identifier(settings.database)}`,
  ]
  // One statement a line: this is how a single-user server reads.
  const input = `${statements.join('\n')}\n`
  const server = programs.run('postgres', ['--single', '-F', '-D', cluster, 'postgres'], input)
  const errors = `${server.stdout}\n${server.stderr}`.match(/(ERROR|FATAL|PANIC):.*/g) ?? []
  const complaint = errors.find((line) => !/(role|database) .* already exists/.test(line))
  if (complaint || server.status !== 0) {
    return `The embedded server does not take these settings: ${complaint ?? server.stderr.trim()}`
  }
  writeFileSync(settingsFile(cluster), digest(settings), { mode: 0o600 })
  return undefined
}

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`
