/** What it costs to put ten thousand rows in, by the ways of the lesson `bulk`. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sql } from 'drizzle-orm'
import { type Database, openDatabase } from '../src/db/pool.ts'
import { compare } from './measure.ts'
import { digits, grouped, middleHalf, table } from './report.ts'
import { empty, rows } from './rows.ts'

const total = 10_000
const values = Array.from({ length: total }, (_, i) => ({ id: i + 1, name: `Item ${i + 1}` }))
const ids = values.map(({ id }) => id)
const names = values.map(({ name }) => name)
const batches = Array.from({ length: 10 }, (_, i) => values.slice(i * 1000, (i + 1) * 1000))

const ways: Record<string, (db: Database) => Promise<unknown>> = {
  'Drizzle, unnest': (db) =>
    db.execute(sql`
      insert into rows (id, name)
      select * from unnest(${sql.param(ids)}::int[], ${sql.param(names)}::text[])`),
  'Drizzle, JSON': (db) =>
    db.execute(sql`
      insert into rows (id, name)
      select id, name from json_to_recordset(${JSON.stringify(values)}::text::json)
        as row (id int, name text)`),
  'COPY, by postgres.js': async (db) => {
    const copy = await db.$client`copy rows (id, name) from stdin`.writable()
    await pipeline(Readable.from(values.map(({ id, name }) => `${id}\t${name}\n`)), copy)
  },
  'Drizzle, values, 1 000 in a statement': (db) =>
    db.transaction(async (tx) => {
      for (const batch of batches) await tx.insert(rows).values(batch)
    }),
  'postgres.js, values, 1 000 in a statement': (db) =>
    db.$client.begin(async (client) => {
      for (const batch of batches) await client`insert into rows ${client(batch, 'id', 'name')}`
    }),
}

/** Measures the ways, each into an empty table, in so many rounds. Returns their table. */
export async function insertTable(rounds: number): Promise<string> {
  await using db = openDatabase({ max: 10 })
  const contenders = Object.entries(ways).map(([name, insert]) => ({
    name,
    before: () => empty(db),
    work: () => insert(db),
  }))
  const results = await compare(contenders, { rounds })
  return table(
    ['10 000 rows in', 'ms', 'middle half', 'rows a second', 'ratio'],
    results.map((result) => [
      result.name,
      digits(result.median),
      middleHalf(result),
      grouped(result.throughput * total),
      result.ratio,
    ]),
  )
}
