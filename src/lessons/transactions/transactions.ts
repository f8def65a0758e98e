/**
 * Some changes belong together: what leaves the cellar has to arrive in the shop. A transaction
 * makes them one, all or nothing. In Drizzle it is a callback, and only what goes through its `tx`
 * is part of it.
 */
import { eq, sql } from 'drizzle-orm'
import { check, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorCode } from '../../db/error-code.ts'
import { type Database, openDatabase, type Transaction } from '../../db/pool.ts'

const stock = pgTable(
  'stock',
  { place: text('place').primaryKey(), pieces: integer('pieces').notNull() },
  (table) => [check('stock_check', sql`${table.pieces} >= 0`)],
)

// Ada moves goods, and Grace looks. Each has a connection of her own.
await using ada = openDatabase({ max: 1, applicationName: 'ada' })
await using grace = openDatabase({ max: 1, applicationName: 'grace' })
await createTables(ada, { stock })
await ada.insert(stock).values([
  { place: 'cellar', pieces: 10 },
  { place: 'shop', pieces: 0 },
])

// You may look inside a transaction or outside, so this function takes either.
async function look(on: Database | Transaction): Promise<string> {
  const rows = await on.select().from(stock).orderBy(stock.place)
  return rows.map(({ place, pieces }) => `${place} ${pieces}`).join(', ')
}
console.log('AT FIRST:', await look(ada))

// Half a move must not happen, so this function takes a transaction. Its type keeps `ada` out.
const inShop = eq(stock.place, 'shop')
const inCellar = eq(stock.place, 'cellar')
const plus = (pieces: number) => ({ pieces: sql`${stock.pieces} + ${pieces}` })
async function move(tx: Transaction, pieces: number): Promise<number> {
  await tx.update(stock).set(plus(pieces)).where(inShop)
  const [cellar] = await tx.update(stock).set(plus(-pieces)).where(inCellar).returning()
  return cellar?.pieces ?? 0
}

// BEGIN is sent before the callback and COMMIT after it. Until COMMIT, Grace sees none of it.
const left = await ada.transaction(async (tx) => {
  const left = await move(tx, 3)
  console.log('INSIDE, Ada sees:', await look(tx))
  console.log('INSIDE, Grace sees:', await look(grace))
  return left
})
console.log(`COMMITTED (${left} left), Grace sees:`, await look(grace))

// The cellar has too few, so the server refuses the second update. That undoes the first one too.
const refused = ada.transaction((tx) => move(tx, 30))
await refused.catch(async (error) =>
  console.log(`REFUSED (${errorCode(error)}), Grace sees:`, await look(grace)),
)

// Your own errors undo it too. Here Ada will not empty the cellar: `tx.rollback()` throws.
const undone = ada.transaction(async (tx) => {
  if ((await move(tx, 7)) === 0) tx.rollback()
})
await undone.catch(async (error: Error) =>
  console.log(`UNDONE (${error.message}), Grace sees:`, await look(grace)),
)
