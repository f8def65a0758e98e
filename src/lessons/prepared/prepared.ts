/**
 * A query that is built is turned into SQL each time, and the server parses and plans it each time. A prepared one is
 * built and parsed once, and then only its values travel. For a query that is asked often, this is the largest gain
 * for one line.
 */
import { eq, sql } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { items } from '../../db/schema/items.ts'

await using db = openDatabase({ max: 1 })
await createTables(db, { items })
const rows = await db
  .insert(items)
  .values(Array.from({ length: 500 }, (_, i) => ({ name: `Item ${i}` })))
  .returning({ id: items.idItem })
const ids = rows.map(({ id }) => id)

// A placeholder stands for each value, and `execute` fills it in. The name is for Drizzle only: the
// driver gives the statement a name of its own.
const byId = db
  .select()
  .from(items)
  .where(eq(items.idItem, sql.placeholder('id')))
  .prepare('item_by_id')
const [id = ''] = ids
console.log(
  'PREPARED:',
  (await byId.execute({ id })).map(({ name }) => name),
)

// The same question to both, for every item.
const ways = {
  builder: (id: string) => db.select().from(items).where(eq(items.idItem, id)),
  prepared: (id: string) => byId.execute({ id }),
}
async function time(ask: (id: string) => PromiseLike<unknown>): Promise<number> {
  const start = performance.now()
  for (const id of ids) await ask(id)
  return performance.now() - start
}
await time(ways.builder) // to warm up
await time(ways.prepared)
const ratio = (await time(ways.builder)) / (await time(ways.prepared))
console.log(`THE BUILDER TAKES ${ratio.toFixed(1)}x THE TIME OF THE PREPARED QUERY`)

// A prepared statement belongs to its connection. The driver prepares it where it is not known yet.
const [known] = await db.execute(
  sql`select count(*)::int as statements from pg_prepared_statements where statement like '%id_item%'`,
)
console.log('KNOWN TO THE SERVER:', known)
