/** What a query costs: Drizzle beside the driver below it, and beside what others use. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { eq, sql } from 'drizzle-orm'
import { integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { createTables } from '../src/db/create-tables.ts'
import { type Database, openDatabase } from '../src/db/pool.ts'
import { type Contender, compare, type Result, ratio } from './measure.ts'
import { grouped, ms, table } from './report.ts'
import { works } from './start.ts'

/** The table that is asked: ten thousand rows, each with its number, a name and a time. */
export const rows = pgTable('rows', {
  id: integer('id').primaryKey(),
  name: text('name').notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})

const total = 10_000
const someId = () => 1 + Math.floor(Math.random() * total)

interface Row {
  id: number
  name: string
  created_at: Date
}

/** A way to ask for one row by its key, and for the first thousand. */
interface Way {
  name: string
  one: (id: number) => Promise<unknown>
  thousand: () => Promise<unknown>
}

/** Measures the queries, each in so many rounds. Returns the tables. */
export async function queryTables(rounds: number): Promise<string> {
  await using db = openDatabase({ max: 10 })
  await createTables(db, { rows })
  await fill(db, total)
  const { DB_HOST: host, DB_PORT: port, DB_USER: user, DB_PASS: password, DB_NAME } = process.env
  const pool = new pg.Pool({ host, port: Number(port), user, password, database: DB_NAME, max: 10 })
  const kysely = new Kysely<{ rows: Row }>({ dialect: new PostgresDialect({ pool }) })
  try {
    const ways = waysToAsk(db, pool, kysely)
    return [
      await latency('one row by its key, one query after another', ways, rounds),
      await atOnce('one row by its key, 1 000 queries at once on a pool of 10', ways, rounds),
      await thousandRows('1 000 rows out', ways, rounds),
      await rowsIn('10 000 rows in', db, rounds),
    ].join('\n\n')
  } finally {
    await pool.end()
  }
}

/** Empties the table, and fills it with rows numbered from one. */
export async function fill(db: Database, count: number): Promise<void> {
  await db.execute(sql`truncate rows`)
  await db.execute(sql`
    insert into rows (id, name) select n, 'Item ' || n from generate_series(1, ${count}::int) as n`)
  await db.execute(sql`analyze rows`)
}

function waysToAsk(db: Database, pool: pg.Pool, kysely: Kysely<{ rows: Row }>): Way[] {
  const client = db.$client
  const byId = db
    .select()
    .from(rows)
    .where(eq(rows.id, sql.placeholder('id')))
    .prepare('by_id')
  const first = db.select().from(rows).limit(1000).prepare('first')
  return [
    {
      name: 'postgres.js',
      one: (id) => client`select id, name, created_at from rows where id = ${id}`.execute(),
      thousand: () => client`select id, name, created_at from rows limit 1000`.execute(),
    },
    {
      name: 'Drizzle',
      one: (id) => db.select().from(rows).where(eq(rows.id, id)).execute(),
      thousand: () => db.select().from(rows).limit(1000).execute(),
    },
    {
      name: 'Drizzle, prepared',
      one: (id) => byId.execute({ id }),
      thousand: () => first.execute(),
    },
    {
      name: 'pg',
      one: (id) => pool.query('select id, name, created_at from rows where id = $1', [id]),
      thousand: () => pool.query('select id, name, created_at from rows limit 1000'),
    },
    {
      name: 'Kysely, on pg',
      one: (id) => kysely.selectFrom('rows').selectAll().where('id', '=', id).execute(),
      thousand: () => kysely.selectFrom('rows').selectAll().limit(1000).execute(),
    },
  ]
}

async function latency(title: string, ways: Way[], rounds: number): Promise<string> {
  const count = 300
  const contenders = ways.map(({ name, one }) => ({
    name,
    operations: count,
    run: () => timed(count, () => one(someId())),
  }))
  return queryTable(title, await compare(contenders, rounds), await pgbench(1))
}

async function atOnce(title: string, ways: Way[], rounds: number): Promise<string> {
  const count = 1_000
  const contenders = ways.map(({ name, one }) => ({
    name,
    operations: count,
    run: async () => {
      const start = performance.now()
      const each = () => one(someId()).then(() => performance.now() - start)
      return Promise.all(Array.from({ length: count }, each))
    },
  }))
  return queryTable(title, await compare(contenders, rounds), await pgbench(10))
}

async function thousandRows(title: string, ways: Way[], rounds: number): Promise<string> {
  const count = 20
  const contenders = ways.map(({ name, thousand }) => ({
    name,
    operations: count,
    run: () => timed(count, thousand),
  }))
  return queryTable(title, await compare(contenders, rounds))
}

/** Does the work so many times, one after another. Returns how long each time took. */
async function timed(count: number, work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i += 1) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return times
}

/** The ways of the lesson `bulk`, into an empty table. */
async function rowsIn(title: string, db: Database, rounds: number): Promise<string> {
  const values = Array.from({ length: total }, (_, i) => ({ id: i + 1, name: `Item ${i + 1}` }))
  const ids = values.map(({ id }) => id)
  const names = values.map(({ name }) => name)
  const ways: Record<string, () => Promise<unknown>> = {
    'Drizzle, unnest': () =>
      db.execute(sql`
        insert into rows (id, name)
        select * from unnest(${sql.param(ids)}::int[], ${sql.param(names)}::text[])`),
    'Drizzle, JSON': () =>
      db.execute(sql`
        insert into rows (id, name)
        select id, name from json_to_recordset(${JSON.stringify(values)}::text::json)
          as row (id int, name text)`),
    'COPY, by postgres.js': async () => {
      const copy = await db.$client`copy rows (id, name) from stdin`.writable()
      await pipeline(Readable.from(values.map(({ id, name }) => `${id}\t${name}\n`)), copy)
    },
    'Drizzle, values, 1 000 in a statement': () =>
      db.transaction(async (tx) => {
        for (let i = 0; i < total; i += 1000) {
          await tx.insert(rows).values(values.slice(i, i + 1000))
        }
      }),
    'postgres.js, values, 1 000 in a statement': () =>
      db.$client.begin(async (client) => {
        for (let i = 0; i < total; i += 1000) {
          await client`insert into rows ${client(values.slice(i, i + 1000), 'id', 'name')}`
        }
      }),
  }
  const contenders: Contender[] = Object.entries(ways).map(([name, insert]) => ({
    name,
    operations: total,
    before: async () => {
      await db.execute(sql`truncate rows`)
    },
    run: async () => {
      await insert()
      return undefined
    },
  }))
  const results = await compare(contenders, rounds)
  const [best] = results
  const line = (result: Result) => [
    result.name,
    ms(result.median),
    `${ms(result.low)} – ${ms(result.high)}`,
    grouped(result.throughput),
    best ? ratio(result, best) : '',
  ]
  return table([title, 'ms', 'middle half', 'rows a second', 'ratio'], results.map(line))
}

function queryTable(title: string, results: Result[], reference: string[][] = []): string {
  const [driver] = results
  const line = (result: Result) => [
    result.name,
    grouped(result.throughput),
    `± ${((50 * (result.high - result.low)) / result.median).toFixed(0)} %`,
    ms(result.p50),
    ms(result.p99),
    driver ? ratio(result, driver) : '',
  ]
  const head = [title, 'queries a second', 'spread', 'p50 ms', 'p99 ms', 'ratio of the time']
  return table(head, [...results.map(line), ...reference])
}

/** PostgreSQL's own program in C, for comparison: not in turn with the others, and only if it is there. */
async function pgbench(clients: number): Promise<string[][]> {
  if (!(await works(['pgbench', '--version']))) return []
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    const script = join(folder, 'by-key.sql')
    writeFileSync(script, `\\set id random(1, ${total})\nselect * from rows where id = :id;\n`)
    const { DB_HOST, DB_PORT, DB_USER, DB_PASS, DB_NAME } = process.env
    const address = ['-h', DB_HOST ?? '', '-p', DB_PORT ?? '', '-U', DB_USER ?? '', DB_NAME ?? '']
    const options = ['-n', '-M', 'prepared', '-c', String(clients), '-T', '3', '-f', script]
    const output = execFileSync('pgbench', [...options, ...address], {
      encoding: 'utf8',
      env: { ...process.env, PGPASSWORD: DB_PASS },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [, tps = ''] = /tps = ([\d.]+)/.exec(output) ?? []
    return [['pgbench, prepared', grouped(Number(tps)), '', '', '', '']]
  } finally {
    rmSync(folder, { recursive: true })
  }
}
