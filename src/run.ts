/**
 * Runs one lesson on a fresh database of its own:
 *
 *   src/run.ts NAME [--sql] [--timeline] [--server WORDS]
 *   src/run.ts --clean
 *
 * --sql echoes each statement on stderr. --timeline draws at the end, on stderr, which connection sent what and who
 * waited for whom. --server says in words which server this is. --clean drops the databases of all earlier runs. Stdout
 * belongs to the lesson; everything said here goes to stderr.
 */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { ReservedSql } from 'postgres'
import { openDatabase } from './db/pool.ts'
import { explain } from './runner/explain.ts'
import { createLessonDatabase, dropLessonDatabases } from './runner/lesson-database.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sql: { type: 'boolean' },
    timeline: { type: 'boolean' },
    server: { type: 'string' },
    clean: { type: 'boolean' },
  },
})
const [lesson = ''] = positionals

// A promise that nobody awaited fails like the lesson itself.
process.on('unhandledRejection', (error) => {
  report(error)
  process.exit()
})

// If a transaction loses its connection, postgres.js 3.4 tries to send the rollback all the same, and throws
// from a timer. The reason comes by the promise too, and that is the one to tell.
process.on('uncaughtException', (error) => {
  const [, thrower] = error.stack?.split('\n    at ') ?? []
  if (error instanceof TypeError && thrower?.includes('/node_modules/postgres/')) return
  report(error)
  process.exit()
})

try {
  await using db = openDatabase()
  const connection = await db.$client.reserve()
  try {
    if (options.clean) await clean(connection)
    else await runLesson(connection)
  } finally {
    connection.release()
  }
} catch (error) {
  report(error)
}

async function runLesson(connection: ReservedSql): Promise<void> {
  const script = new URL(`./lessons/${lesson}/${lesson}.ts`, import.meta.url)
  if (!existsSync(script)) throw new Error(`There is no lesson "${lesson}".`)
  await takeTurn(connection)
  process.env.DB_NAME = await createLessonDatabase(connection, process.env.DB_NAME ?? '', lesson)
  if (options.sql) process.env.DB_ECHO = '1'
  if (options.timeline) await recordTimeline(connection)
  await import(script.href)
}

// Two runs of one lesson would pull the database from under each other: the second one waits. The lock
// belongs to the connection, so that it is given up however this process ends.
async function takeTurn(connection: ReservedSql): Promise<void> {
  const name = `learning-drizzle ${lesson}`
  const [row] = await connection<{ free: boolean; version: string }[]>`
    select pg_try_advisory_lock(hashtext(${name})) as free,
      split_part(current_setting('server_version'), ' ', 1) as version`
  const host = `${process.env.DB_HOST ?? '127.0.0.1'}:${process.env.DB_PORT ?? 5432}`
  note(`PostgreSQL ${row?.version}, ${options.server ?? 'server'} at ${host}`)
  if (row?.free) return
  note(`Another run of ${lesson} has its database in use. Waiting for it to end ...`)
  await connection`select pg_advisory_lock(hashtext(${name}))`
}

// Loaded only when it is asked for: a run without it pays nothing.
async function recordTimeline(connection: ReservedSql): Promise<void> {
  const { timelineOf } = await import('./runner/timeline/timeline.ts')
  const drawn = timelineOf(connection)
  process.on('exit', () => {
    for (const line of drawn()) console.error(line)
  })
  process.once('SIGINT', () => process.exit(130)) // so that it is drawn when a lesson hangs, too
}

async function clean(connection: ReservedSql): Promise<void> {
  for (const name of await dropLessonDatabases(connection)) note(`Dropped database ${name}.`)
}

function note(words: string): void {
  console.error(`-- ${words}`)
}

function report(error: unknown): void {
  console.error(`${lesson ? `${lesson} failed: ` : ''}${explain(error)}`)
  process.exitCode = 1
}
