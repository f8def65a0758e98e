/**
 * There are two ways to show a long list by the page. To count rows from the start is simple, and slower with
 * each page. To go on behind the last row seen is quick on every page, but cannot jump.
 */
import { asc, type SQL, sql } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { items } from '../../db/schema/items.ts'

await using db = openDatabase()
await createTables(db, { items })

// Twenty thousand items, three of each name, and an index in the order of the list.
await db.execute(sql`
  insert into items (id_item, name)
  select gen_random_uuid(), 'Item ' || lpad((i / 3)::text, 4, '0') from generate_series(0, 19999) as i`)
await db.execute(sql`create index items_list on items (name, id_item)`)
await db.execute(sql`vacuum analyze items`)

// The name alone is no order: of three equal ones, each page could begin with another. The id decides.
const list = () =>
  db
    .select({ id: items.idItem, name: items.name })
    .from(items)
    .orderBy(asc(items.name), asc(items.idItem))
    .limit(100)
    .$dynamic()

// With an offset any page can be had, and with the total their number is known.
const total = await db.$count(items)
const [first] = await list()
const [last] = await list().offset(total - 100)
console.log(`PAGES: ${total / 100}, FROM ${first?.name} TO ${last?.name}`)

// A cursor holds the last row seen, by the columns of the order. Compared as a pair, they fit the index.
type Cursor = Awaited<ReturnType<typeof list>>[number]
const behind = ({ name, id }: Cursor) =>
  list().where(sql`(${items.name}, ${items.idItem}) > (${name}, ${id})`)

// Page by page behind the last row, to the end: every row comes once, in the order of the list.
const seen: string[] = []
let page = await list()
for (let cursor = page.at(-1); cursor; cursor = page.at(-1)) {
  seen.push(...page.map(({ id }) => id))
  page = await behind(cursor)
}
const whole = await list().limit(total)
console.log(
  'EVERY ROW ONCE:',
  whole.length === seen.length && whole.every(({ id }, i) => id === seen[i]),
)

// A plan that is carried out tells for each step how many rows it gave, and how many it threw away. The
// innermost step is the one that reads.
interface Step {
  'Actual Rows': number
  'Rows Removed by Filter'?: number
  Plans?: Step[]
}
async function rowsRead(query: { getSQL: () => SQL }): Promise<number> {
  const [row] = await db.execute<{ 'QUERY PLAN': [{ Plan: Step }] }>(
    sql`explain (analyze, format json) ${query}`,
  )
  let step = row?.['QUERY PLAN'][0].Plan
  while (step?.Plans?.[0]) step = step.Plans[0]
  return (step?.['Actual Rows'] ?? 0) + (step?.['Rows Removed by Filter'] ?? 0)
}

// To skip rows the server has to read them. A cursor leads it to the place.
const [before] = await list().offset(9_999).limit(1)
if (!before) throw new Error('no row')
console.log('ROWS READ BY OFFSET:', await rowsRead(list().offset(10_000)))
console.log('ROWS READ BY CURSOR:', await rowsRead(behind(before)))
