/**
 * A table that grows for ever gets slow to clean up and to look after. Partitions make many tables of it that are used
 * like one: a month that is over is dropped at once, and a query about a week reads no other month.
 */
import { and, between, eq, sql } from 'drizzle-orm'
import { date, integer, pgTable, primaryKey } from 'drizzle-orm/pg-core'
import { errorCode } from '../../db/error-code.ts'
import { openDatabase } from '../../db/pool.ts'

await using db = openDatabase()

// Drizzle has no word for partitions. So the tables are made in SQL, and the model describes the one that is used.
// The primary key must hold the column that decides about the partition.
const sales = pgTable(
  'sales',
  { id: integer('id'), soldOn: date('sold_on'), amount: integer('amount').notNull() },
  (table) => [primaryKey({ columns: [table.id, table.soldOn] })],
)
await db.execute(sql`
  create table sales (id int, sold_on date, amount int not null, primary key (id, sold_on))
  partition by range (sold_on)`)
for (const [month, next] of [
  ['2026-01', '2026-02'],
  ['2026-02', '2026-03'],
  ['2026-03', '2026-04'],
] as const) {
  const partition = sql.identifier(`sales_${month.replace('-', '_')}`)
  const bounds = sql.raw(`from ('${month}-01') to ('${next}-01')`)
  await db.execute(sql`create table ${partition} partition of sales for values ${bounds}`)
}

// Whoever writes need not know of them: each row goes where it belongs.
const days = Array.from({ length: 90 }, (_, day) => new Date(Date.UTC(2026, 0, 1 + day)))
await db
  .insert(sales)
  .values(days.map((day, id) => ({ id, soldOn: day.toISOString().slice(0, 10), amount: 10 })))
const partition = sql<string>`${sales}.tableoid::regclass::text`
const perPartition = () =>
  db
    .select({ partition, rows: sql<number>`count(*)::int` })
    .from(sales)
    .groupBy(partition)
    .orderBy(partition)
console.log('ROWS:', await perPartition())

/** The partitions that a query would read, by its plan. */
async function reads(condition = sql`true`): Promise<string[]> {
  const plan = await db.execute(sql`explain select * from ${sales} where ${condition}`)
  return [...new Set(JSON.stringify(plan).match(/sales_\d+_\d+(?= )/g))].sort()
}
console.log('A WEEK READS:', await reads(between(sales.soldOn, '2026-03-09', '2026-03-15')))
console.log('AN ID READS:', await reads(eq(sales.id, 70)))

// A row whose day changes may have to move, and does so.
const moved = await db
  .update(sales)
  .set({ soldOn: '2026-02-14' })
  .where(and(eq(sales.id, 70), eq(sales.soldOn, '2026-03-12')))
  .returning({ id: sales.id, partition })
console.log('MOVED:', moved)

// A month goes without a look at its rows. Detached, it is a table of its own, to keep or to drop.
// With `concurrently`, readers and writers of the other months go on meanwhile.
await db.execute(sql`alter table sales detach partition sales_2026_01 concurrently`)
await db.execute(sql`drop table sales_2026_01`)
console.log('WITHOUT JANUARY:', await perPartition())

// What no partition is there for is refused, and so is a rule that would have to look into all of them.
const refused = (query: Promise<unknown>) => query.then(() => 'done', errorCode)
const april = { id: 100, soldOn: '2026-04-01', amount: 10 }
console.log('APRIL:', await refused(db.insert(sales).values(april).execute()))
console.log('UNIQUE ID:', await refused(db.execute(sql`alter table sales add unique (id)`)))
