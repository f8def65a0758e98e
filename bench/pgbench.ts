/** PostgreSQL's own program in C, for comparison. */
import { execFileSync } from 'node:child_process'
import { canRun } from './program.ts'

/**
 * Asks for one row by its key for three seconds, from so many clients at once, prepared.
 *
 * @param rows the rows of the table, whose keys are numbered from one.
 * @returns the queries in a second, or nothing if pgbench is not installed.
 */
export async function pgbench(clients: number, rows: number): Promise<number | undefined> {
  if (!(await canRun(['pgbench', '--version']))) return undefined
  const { DB_HOST = '', DB_PORT = '', DB_USER = '', DB_PASS, DB_NAME = '' } = process.env
  const address = ['-h', DB_HOST, '-p', DB_PORT, '-U', DB_USER, DB_NAME]
  const options = ['-n', '-M', 'prepared', '-c', String(clients), '-T', '3', '-f', '-']
  const output = execFileSync('pgbench', [...options, ...address], {
    encoding: 'utf8',
    env: { ...process.env, PGPASSWORD: DB_PASS },
    input: `\\set id random(1, ${rows})\nselect * from rows where id = :id;\n`,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  return Number(/tps = ([\d.]+)/.exec(output)?.[1])
}
