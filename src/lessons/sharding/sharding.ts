/**
 * Citus spreads a table over servers, each row by its distribution column. Drizzle sees one of them, the coordinator.
 */
import { count, eq, type SQLWrapper, sql, sum } from 'drizzle-orm'
import { integer, pgTable, primaryKey } from 'drizzle-orm/pg-core'
import { createForeignKeys, createTables } from '../../db/create-tables.ts'
import { errorMessage } from '../../db/error-code.ts'
import { openDatabase } from '../../db/pool.ts'

// This lesson has three servers of its own. manage.sh starts them, and the coordinator is told of the workers.
const { DB_COORDINATOR } = process.env
if (!DB_COORDINATOR) throw new Error('Servers with Citus are needed: ./manage.sh sharding')
await using db = openDatabase({ server: DB_COORDINATOR, name: 'shop' })
await db.execute(sql`select citus_set_coordinator_host('sharding-coordinator')`)
await db.execute(sql`select citus_add_node('sharding-worker-1', 5432)`)
await db.execute(sql`select citus_add_node('sharding-worker-2', 5432)`)

// The primary key holds the distribution column: a server can only answer for the rows that it has.
const id = integer('id').primaryKey()
const items = pgTable('items', { id, price: integer('price').notNull() })
const columns = {
  idCustomer: integer('id_customer').notNull(),
  number: integer('number').notNull(),
  idItem: integer('id_item').references(() => items.id),
  quantity: integer('quantity').notNull(),
}
const orders = pgTable('orders', columns, ({ idCustomer, number }) => [
  primaryKey({ columns: [idCustomer, number] }),
])

// Tables first, then where their rows go. With the foreign keys last, their order does not matter.
await createTables(db, { items, orders }, { foreignKeys: false })
await db.execute(sql`select create_reference_table('items')`) // a copy on every server
await db.execute(sql`select create_distributed_table('orders', 'id_customer', shard_count => 8)`)
await createForeignKeys(db, { items, orders })

// Three thousand orders, three for each customer.
const order = (_: unknown, number: number) => {
  return { idCustomer: number % 1000, number, idItem: 1 + (number % 2), quantity: 1 + (number % 3) }
}
await db.insert(items).values([20, 150].map((price, i) => ({ id: i + 1, price })))
await db.insert(orders).values(Array.from({ length: 3000 }, order))
const workers = await db.execute<{ shards: number; orders: number }>(sql`
  select count(*)::int as shards, sum(result::int)::int as orders
  from run_command_on_shards('orders', 'select count(*) from %s')
  join pg_dist_shard_placement using (shardid) group by nodename order by orders`)
for (const { shards, orders } of workers)
  console.log(`A WORKER: ${shards} shards, ${orders} orders`)

// The orders of one customer are in one shard. A question about everybody's goes to all of them.
async function tasks(query: SQLWrapper) {
  const plan = await db.execute<{ 'QUERY PLAN': string }>(
    sql`explain (costs off) ${query.getSQL()}`,
  )
  return plan.map((row) => row['QUERY PLAN'].trim()).find((line) => line.startsWith('Task Count'))
}
const ofOne = eq(orders.idCustomer, 7)
console.log('ONE CUSTOMER:', await tasks(db.select().from(orders).where(ofOne)))
console.log('EVERYBODY:', await tasks(db.select({ orders: count() }).from(orders)))

// A join with a reference table stays where the orders are.
const spent = sum(sql`${orders.quantity} * ${items.price}`)
const query = db.select({ spent }).from(orders).innerJoin(items, eq(items.id, orders.idItem))
console.log('CUSTOMER 7 SPENT:', await query.where(ofOne))

// Two customers may be on two servers. If a transaction over both fails, both are rolled back.
const failing = db.transaction(async (tx) => {
  await tx.update(orders).set({ quantity: 100 }).where(ofOne)
  await tx.update(orders).set({ quantity: 100 }).where(eq(orders.idCustomer, 8))
  tx.rollback()
})
await failing.catch(() => {})
console.log('CHANGED, AFTER A ROLLBACK:', await db.$count(orders, eq(orders.quantity, 100)))

// A row cannot move to another customer, and a key without the distribution column cannot be checked.
const move = db.update(orders).set({ idCustomer: 8 }).where(ofOne)
await move.catch((error) => console.log('REFUSED:', errorMessage(error)))
const createKey = db.execute(sql`create unique index on orders (number)`)
await createKey.catch((error) => console.log('REFUSED:', errorMessage(error)))
