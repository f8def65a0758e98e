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
import { openDatabase } from '../src/db/pool.ts'
import { createLessonDatabase } from '../src/runner/lesson-database.ts'
import { queryTables } from './queries.ts'
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
  const [row] = await db.execute<{ version: string }>(
    sql`select split_part(current_setting('server_version'), ' ', 1) as version`,
  )
  const root: Versions = JSON.parse(readFileSync('package.json', 'utf8'))
  const bench: Versions = JSON.parse(readFileSync('bench/package.json', 'utf8'))
  const { drizzle, postgres } = {
    drizzle: root.dependencies['drizzle-orm'],
    postgres: root.dependencies.postgres,
  }
  const cores = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return (
    `${cores.length} cores of ${cores[0]?.model.trim() || process.arch}, ${memory} GiB of memory, ` +
    `${process.platform}, Node ${process.versions.node}, PostgreSQL ${row?.version}, ` +
    `drizzle-orm ${drizzle}, postgres ${postgres}, pg ${bench.dependencies.pg}, ` +
    `kysely ${bench.dependencies.kysely}.`
  )
}

interface Versions {
  dependencies: Record<string, string>
}

async function makeDatabase(): Promise<void> {
  await using db = openDatabase({ max: 1 })
  const connection = await db.$client.reserve()
  try {
    process.env.DB_NAME = await createLessonDatabase(
      connection,
      process.env.DB_NAME ?? '',
      'benchmark',
    )
  } finally {
    connection.release()
  }
}

tell(await circumstances())
tell(await startTables(11))
await makeDatabase()
tell(await queryTables(15))
const select = await selectGrowth(31)
tell(select.text)
const memory = memoryGrowth()
tell(memory.text)

if (process.argv.includes('--update')) {
  writeFileSync('docs/benchmark-select.svg', select.svg)
  writeFileSync('docs/benchmark-memory.svg', memory.svg)
  const pictures =
    '![The time of a page in the middle of a table](benchmark-select.svg)\n\n' +
    '![The memory that is held while rows are read](benchmark-memory.svg)'
  const text = readFileSync(page, 'utf8')
  const [before = '', after = ''] = text.split(/<!-- figures -->[\s\S]*<!-- end of figures -->/)
  const figures = [...found, pictures].join('\n\n')
  writeFileSync(page, `${before}<!-- figures -->\n\n${figures}\n\n<!-- end of figures -->${after}`)
}
