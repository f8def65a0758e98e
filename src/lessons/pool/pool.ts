/**
 * A connection is a process of the server, so there cannot be many. A pool opens a few and lends
 * them out, and work that finds none free waits in line. This lesson counts the connections, keeps
 * them all busy, and stops.
 */
import { once } from 'node:events'
import { sql } from 'drizzle-orm'
import { pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorCode } from '../../db/error-code.ts'
import { openDatabase } from '../../db/pool.ts'

const sales = pgTable('sales', { item: text('item').notNull() })

// The shop may open two connections. On one of her own, Ada asks the server how many the shop has.
const shop = openDatabase({ max: 2, applicationName: 'shop' })
await using ada = openDatabase({ max: 1, applicationName: 'ada' })
await createTables(ada, { sales })
const ofShop = sql`application_name = 'shop' and datname = current_database()`
const connections = () => ada.$count(sql`pg_stat_activity`, ofShop)

// A new pool has no connection. It opens one when a query finds none free, and keeps it.
console.log('AT FIRST:', await connections())
await shop.$count(sales)
console.log('AFTER A QUERY:', await connections())
await Promise.all([shop.$count(sales), shop.$count(sales)])
console.log('AFTER TWO AT ONCE:', await connections())

// Five queries at once on two connections: three of them wait in line.
const ask = (n: number) => shop.execute<{ n: number }>(sql`select ${n}::int as n`)
const answers = await Promise.all([1, 2, 3, 4, 5].map(ask))
console.log('ANSWERS:', ...answers.map(([row]) => row?.n))

// A transaction keeps its connection until it ends. So the third one begins when another has ended.
const sell = (item: string) => shop.transaction((tx) => tx.insert(sales).values({ item }))
await Promise.all(['Pencil', 'Notebook', 'Pen'].map(sell))
console.log('SOLD:', await shop.$count(sales))

// SIGTERM tells a service to stop. From then on, its pool refuses new work. It closes a connection
// when the work on it has ended, or after five seconds. Here the signal comes during a sale.
process.once('SIGTERM', () => shop.$client.end({ timeout: 5 }))
await shop.transaction(async (tx) => {
  await tx.insert(sales).values({ item: 'Ruler' })
  process.kill(process.pid, 'SIGTERM')
  await once(process, 'SIGTERM')
  await shop.$count(sales).catch((error) => console.log('NEW WORK:', errorCode(error)))
  await tx.insert(sales).values({ item: 'Eraser' })
})
console.log('SOLD, AFTER THE STOP:', await ada.$count(sales))
