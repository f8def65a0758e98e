/**
 * Measures, and prints what it finds as it goes:
 *
 *   bench/bench.ts [--update]
 *
 * With --update the figures and the pictures of docs/benchmark.md are written anew.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { sql } from 'drizzle-orm'
import project from '../package.json' with { type: 'json' }
import { openDatabase } from '../src/db/pool.ts'
import { createLessonDatabase } from '../src/runner/lesson-database.ts'
import { chart } from './chart.ts'
import { insertTable } from './inserts.ts'
import benchmark from './package.json' with { type: 'json' }
import { queryTables } from './queries.ts'
import { growthTable } from './report.ts'
import { memoryGrowth, selectGrowth } from './scale.ts'
import { startTables } from './start.ts'

const page = 'docs/benchmark.md'
const found: string[] = []

function tell(text: string): void {
  found.push(text)
  console.log(`${text}\n`)
}

/** The machine and the versions: without them, a figure says nothing. */
async function circumstances(): Promise<string> {
  await using db = openDatabase({ max: 1 })
  const [server] = await db.execute<{ version: string }>(
    sql`select split_part(current_setting('server_version'), ' ', 1) as version`,
  )
  const cores = cpus()
  return `${[
    `${cores.length} cores of ${cores[0]?.model.trim() || process.arch}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB of memory`,
    process.platform,
    `Node ${process.versions.node}`,
    `PostgreSQL ${server?.version}`,
    `drizzle-orm ${project.dependencies['drizzle-orm']}`,
    `postgres ${project.dependencies.postgres}`,
    `pg ${benchmark.dependencies.pg}`,
    `kysely ${benchmark.dependencies.kysely}`,
  ].join(', ')}.`
}

/** From here on, all connections are to a database of the benchmark's own. */
async function makeDatabase(): Promise<void> {
  await using db = openDatabase({ max: 1 })
  const connection = await db.$client.reserve()
  try {
    const name = process.env.DB_NAME ?? ''
    process.env.DB_NAME = await createLessonDatabase(connection, name, 'benchmark')
  } finally {
    connection.release()
  }
}

tell(await circumstances())
tell(await startTables(11))
await makeDatabase()
tell(await queryTables(15))
tell(await insertTable(15))
const select = await selectGrowth(31)
tell(growthTable(select))
const memory = memoryGrowth()
tell(growthTable(memory))

if (process.argv.includes('--update')) {
  writeFileSync('docs/benchmark-select.svg', chart(select))
  writeFileSync('docs/benchmark-memory.svg', chart(memory))
  const pictures = [
    '![The time of a page in the middle of a table](benchmark-select.svg)',
    '![The memory that is held while rows are read](benchmark-memory.svg)',
  ]
  const figures = [...found, ...pictures].join('\n\n')
  const text = readFileSync(page, 'utf8')
  const [before = '', after = ''] = text.split(/<!-- figures -->[\s\S]*<!-- end of figures -->/)
  writeFileSync(page, `${before}<!-- figures -->\n\n${figures}\n\n<!-- end of figures -->${after}`)
}
