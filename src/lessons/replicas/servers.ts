/**
 * A primary and a standby that repeats it, for the lessons `replicas` and `failover`. The second one
 * kills the primary, so they are made for one run.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureRoleAndDatabase, initialise, type Settings } from '../../../embedded/cluster.ts'
import { freePort } from '../../../embedded/processes.ts'
import { EmbeddedError, findPrograms, readyPrograms } from '../../../embedded/programs.ts'
import { makeFile, makeFolder, makeRunFolder } from '../../../embedded/run-folder.ts'
import { launch } from '../../../embedded/server.ts'

/**
 * Starts the pair, with a database `shop`. It goes when this process ends.
 *
 * @returns the variables that tell the lesson where the two are.
 * @throws {EmbeddedError} if there are no programs for this machine, or a server does not start.
 */
export async function startServers(settings: Settings): Promise<Record<string, string>> {
  const programs = readyPrograms(findPrograms())
  const folder = await makeRunFolder(programs)
  const primary = join(folder, 'primary')
  const standby = join(folder, 'standby')
  makeFolder(programs, primary)
  initialise(programs, primary)
  appendFileSync(join(primary, 'pg_hba.conf'), 'host replication all 127.0.0.1/32 scram-sha-256\n')
  succeed(ensureRoleAndDatabase(programs, primary, { ...settings, database: 'shop' }))
  const primaryPort = await freePort(0)
  const standbyPort = await freePort(0)
  // Before its first start a cluster can simply be copied: a standby is a copy that is told so.
  const copied = spawnSync('cp', ['-a', primary, standby], { encoding: 'utf8' })
  if (copied.status !== 0) throw new EmbeddedError(`The standby cannot be made: ${copied.stderr}`)
  makeFile(programs, join(standby, 'standby.signal'), '')
  appendFileSync(join(standby, 'postgresql.conf'), `${connection(settings, primaryPort)}\n`)
  // Nobody waits for the standby, but a transaction that asks for it.
  const common = [
    'synchronous_commit=local',
    "synchronous_standby_names='*'",
    'wal_retrieve_retry_interval=100ms',
  ]
  succeed(launch(programs, primary, primaryPort, ['cluster_name=primary', ...common]))
  succeed(launch(programs, standby, standbyPort, ['cluster_name=standby', ...common]))
  return {
    DB_PRIMARY: `127.0.0.1:${primaryPort}`,
    DB_STANDBY: `127.0.0.1:${standbyPort}`,
  }
}

function succeed(complaint: string | undefined): void {
  if (complaint) throw new EmbeddedError(complaint)
}

/** How the standby reaches the primary: words in quotes, within a setting in quotes. */
function connection({ user, password }: Settings, port: number): string {
  const word = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const words = `host=127.0.0.1 port=${port} user=${word(user)} password=${word(password)}`
  return `primary_conninfo = '${words.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
