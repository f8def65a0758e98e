/**
 * An index is a sorted copy of a few columns, kept up to date by every write. It pays where it spares the server from
 * reading everything; whether it does is not a matter of belief, because the server tells its plan.
 */
import { type SQL, sql } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { items } from '../../db/schema/items.ts'

await using db = openDatabase()
await createTables(db, { items })

// Twenty thousand items, of which one in a hundred is disabled, and a review of each.
await db.execute(sql`
  insert into items (id_item, name, status)
  select gen_random_uuid(), 'Item ' || i, case when i % 100 = 0 then '0' else '1' end
  from generate_series(1, 20000) as i`)
await db.execute(sql`create table reviews (stars int, id_item uuid not null references items)`)
await db.execute(sql`insert into reviews (stars, id_item) select 5, id_item from items`)
await db.execute(sql`vacuum analyze`)

interface Step {
  'Node Type': string
  'Index Name'?: string
  Plans?: Step[]
}
/** How the server would read: its innermost step, and the index that it uses. */
async function plan(query: SQL): Promise<string> {
  const [row] = await db.execute<{ 'QUERY PLAN': [{ Plan: Step }] }>(
    sql`explain (format json) ${query}`,
  )
  let step = row?.['QUERY PLAN'][0].Plan
  while (step?.Plans?.[0]) step = step.Plans[0]
  return [step?.['Node Type'], step?.['Index Name']].filter(Boolean).join(' on ')
}

/** Shows the plan for a query without the index, and with it. */
async function compare(label: string, query: SQL, index: SQL): Promise<void> {
  const before = await plan(query)
  await db.execute(index)
  await db.execute(sql`vacuum analyze`)
  console.log(`${label}: ${before} -> ${await plan(query)}`)
}

const byName = sql`select * from ${items} where name = 'Item 7'`
await compare('BY NAME', byName, sql`create index items_name on items (name)`)

// A foreign key has no index by itself. Without one, to delete an item means to read all reviews.
const [item] = await db.select().from(items).limit(1)
const reviews = sql`select * from reviews where id_item = ${item?.idItem}`
await compare('BY FOREIGN KEY', reviews, sql`create index reviews_item on reviews (id_item)`)

// An index on an expression helps those who ask with the same expression, and nobody else.
const lower = sql`select * from ${items} where lower(name) = 'item 7'`
await compare('BY EXPRESSION', lower, sql`create index items_lower on items (lower(name))`)

// A partial index holds only some rows. It is small, and found where the question has its condition.
const disabled = sql`select * from ${items} where status = '0' and created_at > '2020-01-01'`
await compare(
  'THE FEW',
  disabled,
  sql`create index items_disabled on items (created_at) where status = '0'`,
)

// A covering index holds every column of the query, so the server need not read the table.
const covered = sql`select status from ${items} where name = 'Item 7'`
const covering = sql`create index items_covering on items (name) include (status)`
await compare('COVERED', covered, covering)

// And where an index is of no use: most rows are enabled, so an index on the status would lead to nearly all of them.
const most = sql`select * from ${items} where status = '1'`
await compare('THE MANY', most, sql`create index items_status on items (status)`)
