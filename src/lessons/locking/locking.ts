/**
 * A program often reads a row, decides, and writes the row. A row lock keeps everybody else from
 * changing it in between: they wait for the lock, or are told at once that the row is locked.
 */
import { eq, sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorCode } from '../../db/error-code.ts'
import { type Database, openDatabase, type Transaction } from '../../db/pool.ts'

const stock = pgTable('stock', {
  item: text('item').primaryKey(),
  pieces: integer('pieces').notNull(),
})
const sales = pgTable('sales', { item: text('item').references(() => stock.item) })

// Two clerks, each with a connection of their own.
await using ada = openDatabase({ max: 1, applicationName: 'ada' })
await using grace = openDatabase({ max: 1, applicationName: 'grace' })
await createTables(ada, { stock, sales })
await ada.insert(stock).values({ item: 'Pencil', pieces: 10 })

const pencil = eq(stock.item, 'Pencil')
const inStock = (on: Database | Transaction) =>
  on.select({ pieces: stock.pieces }).from(stock).where(pencil)
const setPieces = (on: Database | Transaction, pieces: number) =>
  on.update(stock).set({ pieces }).where(pencil)
console.log('IN STOCK:', await inStock(ada))

// Reads how many there are, and locks the row until the transaction ends.
async function lockPieces(on: Database | Transaction, options = {}): Promise<number> {
  const [row] = await inStock(on).for('update', options)
  return row?.pieces ?? 0
}

// Each clerk sells a pencil: reads how many there are, and writes one less. They begin and commit
// by hand, so that you can read their steps in order. Grace's read is sent but not awaited yet,
// because it waits for Ada's commit.
await ada.execute(sql`begin`)
await grace.execute(sql`begin`)
const adaRead = await lockPieces(ada)
const graceReads = lockPieces(grace)
await setPieces(ada, adaRead - 1)
await ada.execute(sql`commit`)
await setPieces(grace, (await graceReads) - 1)
await grace.execute(sql`commit`)
console.log('AFTER TWO SALES:', await inStock(ada))

// While Ada holds the lock, Grace can read the row without one. With `noWait` she is told that it
// is locked. Her sale refers to the row, and has to wait: `for update` would let Ada delete it.
await ada.execute(sql`begin`)
const held = await lockPieces(ada)
const seen = await inStock(grace)
const refused = await lockPieces(grace, { noWait: true }).catch(errorCode)
const graceSells = grace.insert(sales).values({ item: 'Pencil' }).execute()
await setPieces(ada, held - 1)
await ada.execute(sql`commit`)
await graceSells
console.log('WITHOUT A LOCK:', seen)
console.log('NO WAIT:', refused)

// A program reads, decides and writes in one transaction. Seven pencils are left, and ten people
// want one each.
await using shop = openDatabase({ max: 5 })
const sell = () =>
  shop.transaction(async (tx) => {
    const left = await lockPieces(tx)
    if (left === 0) throw new Error('sold out')
    await setPieces(tx, left - 1)
  })
const results = await Promise.allSettled(Array.from({ length: 10 }, sell))
console.log('SOLD OUT FOR:', results.filter(({ status }) => status === 'rejected').length)
