/** What a query costs: Drizzle beside the driver below it, and beside what others use. */
import { eq, sql } from 'drizzle-orm'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { type Database, openDatabase } from '../src/db/pool.ts'
import { atOnce, compare, type Result } from './measure.ts'
import { pgbench } from './pgbench.ts'
import { digits, grouped, table } from './report.ts'
import { fill, rows } from './rows.ts'

const total = 10_000
const someId = () => 1 + Math.floor(Math.random() * total)

/** A way to ask for one row by its key, and for the first thousand. */
interface Way {
  name: string
  one: (id: number) => Promise<unknown>
  thousand: () => Promise<unknown>
}

/** Measures the queries, each in so many rounds. Returns the tables. */
export async function queryTables(rounds: number): Promise<string> {
  await using db = openDatabase({ max: 10 })
  await fill(db, total)
  const { DB_HOST: host, DB_PORT: port, DB_USER: user, DB_PASS: password, DB_NAME } = process.env
  const pool = new pg.Pool({ host, port: Number(port), user, password, database: DB_NAME, max: 10 })
  try {
    const ways = [...waysOfDrizzle(db), ...waysOnPg(pool)]
    const one = ways.map(({ name, one }) => ({ name, work: () => one(someId()) }))
    const thousand = ways.map(({ name, thousand }) => ({ name, work: thousand }))
    return [
      queryTable(
        'one row by its key, one query after another',
        await compare(one, { rounds, operations: 300 }),
        await pgbench(1, total),
      ),
      queryTable(
        'one row by its key, 1 000 queries at once on a pool of 10',
        await compare(one, { rounds, operations: 1_000, run: atOnce }),
        await pgbench(10, total),
      ),
      queryTable('1 000 rows out', await compare(thousand, { rounds, operations: 20 })),
    ].join('\n\n')
  } finally {
    await pool.end()
  }
}

/** The driver, which is the floor, and Drizzle on it. */
function waysOfDrizzle(db: Database): Way[] {
  const client = db.$client
  const hasId = eq(rows.id, sql.placeholder('id'))
  const byId = db.select().from(rows).where(hasId).prepare('by_id')
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
  ]
}

/** Another driver, and a query builder on it. */
function waysOnPg(pool: pg.Pool): Way[] {
  const kysely = new Kysely<{ rows: { id: number; name: string; created_at: Date } }>({
    dialect: new PostgresDialect({ pool }),
  })
  return [
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

function queryTable(title: string, results: Result[], reference?: number): string {
  const lines = results.map((result) => [
    result.name,
    grouped(result.throughput),
    `± ${((50 * (result.high - result.low)) / result.median).toFixed(0)} %`,
    digits(result.p50),
    digits(result.p99),
    result.ratio,
  ])
  if (reference) lines.push(['pgbench, prepared', grouped(reference), '', '', '', ''])
  return table(
    [title, 'queries a second', 'spread', 'p50 ms', 'p99 ms', 'ratio of the time'],
    lines,
  )
}
