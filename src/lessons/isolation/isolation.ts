/**
 * Two transactions that run at the same time can undo each other's work, and neither gets an error.
 * The isolation level decides whether they may. At PostgreSQL's default level they may.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { integer, pgTable } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorCode } from '../../db/error-code.ts'
import { type Database, openDatabase, type Transaction } from '../../db/pool.ts'

const stock = pgTable('stock', { pieces: integer('pieces').notNull() })

// Two clerks, each with a connection of their own.
await using ada = openDatabase({ max: 1, applicationName: 'ada' })
await using grace = openDatabase({ max: 1, applicationName: 'grace' })
await createTables(ada, { stock })
await ada.insert(stock).values({ pieces: 10 })

const count = async (on: Database | Transaction) => (await on.select().from(stock))[0]?.pieces ?? 0
const setCount = (on: Database | Transaction, pieces: number) => on.update(stock).set({ pieces })
console.log('IN STOCK:', await count(ada))

// Each clerk sells a piece: she reads how many there are, and writes one less. Here both begin and
// commit by hand, so that you read their steps in order.
async function bothSell(level: 'read committed' | 'repeatable read'): Promise<void> {
  await ada.execute(sql.raw(`begin isolation level ${level}`))
  await grace.execute(sql.raw(`begin isolation level ${level}`))
  const adaSaw = await count(ada)
  const graceSaw = await count(grace)
  await setCount(ada, adaSaw - 1)
  await ada.execute(sql`commit`)
  await setCount(grace, graceSaw - 1)
  await grace.execute(sql`commit`)
}

// A lost update: both have read 10, so both write 9. Ada's sale is gone.
await bothSell('read committed')
console.log('READ COMMITTED, after two sales:', await count(ada))

// At repeatable read, Grace may not change a row that has changed since her first read.
await bothSell('repeatable read').catch(async (error) => {
  await grace.execute(sql`rollback`)
  console.log('REPEATABLE READ, Grace is refused:', errorCode(error))
})

// Her sale has to start again from its first read. A program can do that by itself after 40001, and
// after 40P01, a deadlock. The random pause makes it less likely that two sales collide again.
async function withRetry(work: () => Promise<void>, attempts = 5): Promise<void> {
  try {
    await work()
  } catch (error) {
    const mayRetry = ['40001', '40P01'].includes(errorCode(error) ?? '')
    if (!mayRetry || attempts === 1) throw error
    await pause((Math.random() * 500) / attempts) // milliseconds: the limit grows
    await withRetry(work, attempts - 1)
  }
}

// Five clerks sell at the same time, each as a program would, and no sale is lost.
await using shop = openDatabase({ max: 5 })
const sell = () =>
  shop.transaction(async (tx) => void (await setCount(tx, (await count(tx)) - 1)), {
    isolationLevel: 'repeatable read',
  })
await Promise.all(Array.from({ length: 5 }, () => withRetry(sell)))
console.log('WITH RETRY, after five more:', await count(ada))
