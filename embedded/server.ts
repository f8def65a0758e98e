/**
 * PostgreSQL without Docker: one cluster below .made/embedded, one server on it that outlives the run
 * which started it. Any number of shells may call `startServer` at the same time.
 */
import { createHash } from 'node:crypto'
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedError, findPrograms, type Programs, readyPrograms } from './programs.ts'

/** Who may log in, and the database that is there from the start. */
export interface Settings {
  user: string
  password: string
  database: string
  /** The port to try first. Another free one is taken if it is busy. */
  port: number
}

/** A server that answers. */
export interface Server {
  version: string
  port: number
  /** Whether this call started it. */
  started: boolean
}

export const dataFolder = join(import.meta.dirname, '../.made/embedded')
const patience = 30_000 // milliseconds for a start or a stop, with other shells at it as well

// What PostgreSQL says when another shell is at the same work, or took the port: worth another look.
const anotherShell =
  /does not get ready|lock file|PID file .* is empty|shared memory block|could not create any TCP/

/**
 * Sees to it that the server runs and knows these settings, and returns where it is.
 *
 * @throws {EmbeddedError} if there are no programs for this machine, the data folder cannot be written,
 *   or the server does not start: the message holds PostgreSQL's own words.
 */
export async function startServer(settings: Settings): Promise<Server> {
  const location = findPrograms()
  const { version } = location
  // One folder for each major version: a cluster can be used by no other.
  const cluster = join(dataFolder, `pg${version.split('.')[0]}`)
  let programs: Programs | undefined
  const deadline = Date.now() + patience
  let started = false
  for (;;) {
    const running = runningServer(cluster)
    if (running?.ready && hasSettings(cluster, settings)) {
      return { version, port: running.port, started }
    }
    programs ??= readyPrograms(location)
    const problem = await stepTowardsRunning(programs, cluster, settings, running)
    if (!problem) started = true
    else if (!anotherShell.test(problem) || Date.now() > deadline) throw new EmbeddedError(problem)
    else await delay(100)
  }
}

/**
 * Does what is missing next. Returns nothing when the server was started, or what stood in the way: other
 * shells may be at the same work, so that the caller looks again before it gives up.
 */
async function stepTowardsRunning(
  programs: Programs,
  cluster: string,
  settings: Settings,
  running: Running | undefined,
): Promise<string | undefined> {
  if (running && !running.ready)
    return `The embedded server (pid ${running.pid}) does not get ready.`
  if (running) await stopServer(cluster)
  if (!existsSync(cluster)) {
    makeDataFolder(programs)
    const maker = sweepUnfinished()
    if (maker) return `The embedded server, made by process ${maker}, does not get ready.`
    makeCluster(programs, cluster, settings)
  }
  if (!hasSettings(cluster, settings)) {
    const problem = ensureRoleAndDatabase(programs, cluster, settings)
    if (problem) return problem
  }
  return launch(programs, cluster, await freePort(settings.port))
}

// Built beside its place and then renamed: a cluster is either whole or not there, and of several shells
// the first one wins.
function makeCluster(programs: Programs, cluster: string, settings: Settings): void {
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

export function makeDataFolder({ owner }: Programs): void {
  try {
    mkdirSync(dirname(dataFolder), { recursive: true })
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
    accessSync(dataFolder, constants.W_OK)
    if (owner !== undefined) chownSync(dataFolder, owner, owner)
  } catch (error) {
    throw new EmbeddedError(
      `The embedded server keeps its data in ${dataFolder}, which cannot be written ` +
        `(${errorCode(error)}). Make the folder writable, or use Docker.`,
    )
  }
}

/** Removes what killed makers of clusters have left. Returns the process of one that lives, if any. */
function sweepUnfinished(): number | undefined {
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

function hasSettings(cluster: string, settings: Settings): boolean {
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

/** Starts the server, with these settings as well. Returns its complaint, if it has one. */
export function launch(
  programs: Programs,
  cluster: string,
  port: number,
  settings: string[] = [],
): string | undefined {
  removeStalePid(cluster)
  const log = `${cluster}.log`
  const before = existsSync(log) ? statSync(log).size : 0
  // The one string that pg_ctl gives to a shell: there is nothing of the reader's in it.
  const options = [
    `-p ${port}`,
    '-c listen_addresses=127.0.0.1',
    '-c unix_socket_directories=',
    '-c timezone=UTC',
    // A query ends soon after its client is gone.
    '-c client_connection_check_interval=1s',
    // Nothing here is worth waiting for the disk.
    '-c fsync=off',
    ...settings.map((setting) => `-c ${setting}`),
  ].join(' ')
  const { status, stderr } = programs.run('pg_ctl', [
    'start',
    '-D',
    cluster,
    '-l',
    log,
    '-w',
    '-s',
    '-t',
    '30',
    '-o',
    options,
  ])
  if (status === 0) return undefined
  const said = existsSync(log) ? readFileSync(log, 'utf8').slice(before).trim() : ''
  return (
    `The embedded server does not start: ${said || stderr.trim()}\n` +
    'If its data is damaged, ./manage.sh clean removes it, and the next run begins anew.'
  )
}

/** Fast shutdown: clients are cut off, the data is written. */
async function stopServer(cluster: string): Promise<void> {
  const deadline = Date.now() + patience
  const running = runningServer(cluster)
  if (!running) return
  process.kill(running.pid, 'SIGINT')
  while (runningServer(cluster)?.pid === running.pid) {
    if (Date.now() > deadline) {
      throw new EmbeddedError(`The embedded server (pid ${running.pid}) does not stop.`)
    }
    await delay(10)
  }
}

interface Running {
  pid: number
  port: number
  ready: boolean
}

// postmaster.pid holds, line by line: pid, data folder, start time, port, socket folder, address,
// shared memory, state.
function runningServer(cluster: string): Running | undefined {
  const lines = readPidFile(cluster)?.split('\n') ?? []
  const pid = Number(lines[0])
  if (!pid || !isServerOf(cluster, pid)) return undefined
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' }
}

function readPidFile(cluster: string): string | undefined {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8')
  } catch {
    return undefined
  }
}

/**
 * Whether this process is the server that works in this folder. After a crash, the file with its number may
 * name a process of something else.
 */
export function isServerOf(folder: string, pid: number): boolean {
  if (!isAlive(pid)) return false
  if (process.platform !== 'linux') return true
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder)
  } catch {
    return false
  }
}

// PostgreSQL clears up after a dead process by itself, but not if another one has its pid now.
function removeStalePid(cluster: string): void {
  const content = readPidFile(cluster)
  const pid = Number(content?.split('\n')[0])
  if (pid && isAlive(pid) && !isServerOf(cluster, pid) && readPidFile(cluster) === content) {
    rmSync(join(cluster, 'postmaster.pid'), { force: true })
  }
}

/** Whether there is such a process. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

/** The preferred port if it is free, or else another one that is. */
export async function freePort(preferred: number): Promise<number> {
  return (await tryPort(preferred)) ?? (await tryPort(0)) ?? preferred
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(undefined))
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address()
      const taken = typeof address === 'object' ? address?.port : undefined
      probe.close(() => resolve(taken))
    })
  })
}
