/**
 * A folder below .made/embedded for the servers that a lesson has of its own. It is named after the process of
 * the run, and goes with it.
 */
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { dataFolder, makeDataFolder } from './cluster.ts'
import { isAlive, isServerOf } from './processes.ts'
import type { Programs } from './programs.ts'

/**
 * Makes the folder of this run, and removes those of runs that were killed. When this process ends, the
 * servers in it are ended, and it is removed.
 *
 * @throws {EmbeddedError} if the data folder cannot be written.
 */
export async function makeRunFolder(programs: Programs): Promise<string> {
  makeDataFolder(programs)
  await sweep()
  const folder = join(dataFolder, `run-${process.pid}`)
  process.on('exit', () => {
    endServers(folder)
    remove(folder)
  })
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]))
  }
  makeFolder(programs, folder)
  return folder
}

/** Ends the servers of runs that were killed, and removes their folders. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(dataFolder)) {
    const run = Number(/^run-(\d+)$/.exec(name)?.[1])
    if (!run || isAlive(run)) continue
    const folder = join(dataFolder, name)
    const servers = endServers(folder)
    while (servers.some(isAlive)) await delay(10)
    remove(folder)
  }
}

/** Makes a folder that belongs to the user whom the server programs run as. */
export function makeFolder({ owner }: Programs, folder: string): void {
  mkdirSync(folder, { mode: 0o700 })
  if (owner !== undefined) chownSync(folder, owner, owner)
}

/** Makes a file that belongs to the user whom the server programs run as. */
export function makeFile({ owner }: Programs, file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 })
  if (owner !== undefined) chownSync(file, owner, owner)
}

/** Ends the servers in a folder at once, since nothing of theirs is needed any more. Returns their processes. */
function endServers(folder: string): number[] {
  const servers = pidFiles(folder).flatMap((file) => {
    const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
    return pid && isServerOf(dirname(file), pid) ? [pid] : []
  })
  for (const pid of servers) process.kill(pid, 'SIGQUIT')
  return servers
}

// Each server works in the folder that holds the file with its process number.
function pidFiles(folder: string): string[] {
  if (!existsSync(folder)) return []
  const subfolders = readdirSync(folder, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  )
  return [folder, ...subfolders.map(({ name }) => join(folder, name))].flatMap((place) =>
    readdirSync(place).flatMap((name) => (name.endsWith('.pid') ? join(place, name) : [])),
  )
}

// A server that is ending may still write.
const remove = (folder: string) =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
