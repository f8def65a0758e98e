/**
 * A PgBouncer and the server behind it, for the lessons `pooler` and `pooler-sessions`. No npm package has a
 * PgBouncer, so it has to be installed on this machine.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ensureRoleAndDatabase, initialise, type Settings } from '../../../embedded/cluster.ts'
import { freePort } from '../../../embedded/processes.ts'
import {
  EmbeddedError,
  findPrograms,
  type Programs,
  readyPrograms,
} from '../../../embedded/programs.ts'
import { makeFile, makeFolder, makeRunFolder } from '../../../embedded/run-folder.ts'
import { launch } from '../../../embedded/server.ts'

/**
 * Starts the two, with a database `shop`. They go when this process ends.
 *
 * @returns the variables that tell the lesson where the two are.
 * @throws {EmbeddedError} if there is no PgBouncer on this machine, or one of the two does not start.
 */
export async function startServers(settings: Settings): Promise<Record<string, string>> {
  const lacking = problem()
  if (lacking) {
    throw new EmbeddedError(
      `This lesson needs a pooler: ${lacking}. Run it with Docker, or get PgBouncer 1.24 or later: ` +
        'apt install pgbouncer (from Debian 13 on), or brew install pgbouncer.',
    )
  }
  const programs = readyPrograms(findPrograms())
  const folder = await makeRunFolder(programs)
  const cluster = join(folder, 'postgres')
  makeFolder(programs, cluster)
  initialise(programs, cluster)
  const port = await freePort(0)
  const complaint =
    ensureRoleAndDatabase(programs, cluster, { ...settings, database: 'shop' }) ??
    launch(programs, cluster, port)
  if (complaint) throw new EmbeddedError(complaint)
  const poolerPort = await freePort(0)
  makeFile(programs, join(folder, 'users.txt'), userLine(settings))
  const configuration = readFileSync(join(import.meta.dirname, 'pgbouncer.ini'), 'utf8')
  makeFile(programs, join(folder, 'pgbouncer.ini'), configuration)
  makeFile(programs, join(folder, 'main.ini'), mainFile(port, poolerPort))
  await startPgBouncer(programs, folder, poolerPort)
  return { DB_DIRECT: `127.0.0.1:${port}`, DB_POOLER: `127.0.0.1:${poolerPort}` }
}

/** Says what is wrong with this machine's PgBouncer. Nothing, if it will do. */
export function problem(): string | undefined {
  const { stdout } = spawnSync('pgbouncer', ['--version'], { encoding: 'utf8' })
  const [found, major, minor] = /^PgBouncer (\d+)\.(\d+)[.\d]*/.exec(stdout ?? '') ?? []
  if (!found) return 'PgBouncer is not installed'
  const isOld = Number(major) < 1 || (Number(major) === 1 && Number(minor) < 24)
  return isOld ? `${found} is older than 1.24` : undefined
}

/** The file that PgBouncer reads first. */
function mainFile(port: number, poolerPort: number): string {
  return `[databases]
* = host=127.0.0.1 port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${poolerPort}
%include pgbouncer.ini
`
}

function userLine({ user, password }: Settings): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  return `${quoted(user)} ${quoted(password)}\n`
}

async function startPgBouncer(programs: Programs, folder: string, port: number): Promise<void> {
  const [program = '', ...args] = [...programs.asOwner, 'pgbouncer', 'main.ini']
  const logFile = join(folder, 'pgbouncer.log')
  const log = openSync(logFile, 'w')
  // A group of its own, as pg_ctl gives to a server: a signal to the lesson is not for it.
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', log, log], detached: true })
  closeSync(log)
  await once(child, 'spawn')
  writeFileSync(join(folder, 'pgbouncer.pid'), String(child.pid))
  while (!(await answers(port))) {
    if (child.exitCode !== null)
      throw new EmbeddedError(`PgBouncer does not start: ${readFileSync(logFile, 'utf8').trim()}`)
    await delay(10)
  }
  child.unref()
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, '127.0.0.1')
    probe.once('error', () => resolve(false))
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
  })
}
