/**
 * PostgreSQL without Docker: one cluster below .made/embedded, one server on it that outlives the run
 * which started it. Any number of shells may call `startServer` at the same time.
 */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  dataFolder,
  ensureRoleAndDatabase,
  hasSettings,
  makeCluster,
  makeDataFolder,
  type Settings,
  sweepUnfinished,
} from './cluster.ts'
import { freePort, isAlive, isServerOf } from './processes.ts'
import { EmbeddedError, findPrograms, type Programs, readyPrograms } from './programs.ts'

/** A server that answers. */
export interface Server {
  version: string
  port: number
  /** Whether this call started it. */
  started: boolean
}

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

// PostgreSQL clears up after a dead process by itself, but not if another one has its pid now.
function removeStalePid(cluster: string): void {
  const content = readPidFile(cluster)
  const pid = Number(content?.split('\n')[0])
  if (pid && isAlive(pid) && !isServerOf(cluster, pid) && readPidFile(cluster) === content) {
    rmSync(join(cluster, 'postmaster.pid'), { force: true })
  }
}
