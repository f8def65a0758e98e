/**
 * A transaction keeps its connection until it ends. If it asks the pool for another one, and all of
 * them belong to transactions that do the same, each waits for the others: a deadlock, and the
 * server cannot see it.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorCode } from '../../db/error-code.ts'
import { openDatabase } from '../../db/pool.ts'

const orders = pgTable('orders', { customer: text('customer').notNull() })

// The shop has two connections. With ten it takes ten such transactions at once, which is rare
// until the shop is busy.
await using shop = openDatabase({ max: 2, applicationName: 'shop' })
await createTables(shop, { orders })
console.log('ORDERS, AT FIRST:', await shop.$count(orders))

// Two orders at once, each in a transaction. The mistake is that the second query of each goes to
// `shop` instead of `tx`. Nothing warns you: it compiles, and while there is a free connection, it
// works.
const question = shop.$client`select count(*) from orders`
const ada = shop.transaction(async (tx) => {
  await tx.insert(orders).values({ customer: 'Ada' })
  await question
})
const grace = shop.transaction(async (tx) => {
  await tx.insert(orders).values({ customer: 'Grace' })
  await shop.$count(orders)
})
const adaEnds = ada.then(() => 'committed', errorCode)
const graceEnds = grace.then(() => 'committed', errorCode)

// A session that waits for a lock looks for a deadlock after one second. Neither of these two waits
// for a lock.
await pause(1500)
await using admin = openDatabase({ max: 1, applicationName: 'admin' })
const sessions = await admin.execute<{ state: string }>(sql`
  select state from pg_stat_activity
  where application_name = 'shop' and datname = current_database()`)
console.log('STUCK:', ...sessions.map(({ state }) => state))

// The way out: `cancel` takes Ada's question out of the line. Her transaction fails, and Grace gets
// the connection.
question.cancel()
console.log('ADA:', await adaEnds)
console.log('GRACE:', await graceEnds)

// The cure: with `tx`, an order needs no second connection.
const order = (customer: string) =>
  shop.transaction(async (tx) => {
    await tx.insert(orders).values({ customer })
    await tx.$count(orders)
  })
await Promise.all([order('Ada'), order('Alan')])
console.log('ORDERS:', await shop.$count(orders))
