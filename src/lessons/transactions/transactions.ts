/**
 * A transaction is all or nothing: either everything in it has happened, for everybody, or nothing has. In Drizzle
 * it is a callback, and what belongs to it is said through `tx`.
 */
import { eq } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { type Database, openDatabase, type Transaction } from '../../db/pool.ts'
import { Status } from '../../db/schema/common.ts'
import { items } from '../../db/schema/items.ts'

await using db = openDatabase()
await createTables(db, { items })
const count = () => db.$count(items)

// What the callback returns is what the transaction returns, once it is committed.
const pencil = await db.transaction(async (tx) => {
  const [item] = await tx.insert(items).values({ name: 'Pencil' }).returning()
  // To everybody else nothing has happened yet.
  console.log('INSIDE:', await tx.$count(items), 'OUTSIDE:', await count())
  return item
})
console.log('COMMITTED:', pencil?.name, 'OUTSIDE:', await count())

// Whatever is thrown undoes all of it, and goes on to the caller.
try {
  await db.transaction(async (tx) => {
    await tx.insert(items).values({ name: 'Notebook' })
    await tx.insert(items).values({ name: 'x'.repeat(300) })
  })
} catch {
  console.log('AFTER AN ERROR:', await count())
}

// `db` inside the callback is another connection, and not part of it. This row stays.
try {
  await db.transaction(async (tx) => {
    await tx.insert(items).values({ name: 'Eraser' })
    await db.insert(items).values({ name: 'Leak' })
    tx.rollback()
  })
} catch {
  const rows = await db.select().from(items).where(eq(items.name, 'Leak'))
  console.log('LEAKED:', rows.length, 'IN ALL:', await count())
}

// So a function that belongs into a transaction takes it. Its type keeps `db` out.
async function rename(tx: Transaction, from: string, to: string): Promise<void> {
  const renamed = await tx.update(items).set({ name: to }).where(eq(items.name, from)).returning()
  if (renamed.length === 0) throw new Error(`There is no ${from}.`)
}
await db
  .transaction(async (tx) => {
    await rename(tx, 'Pencil', 'Soft pencil')
    await rename(tx, 'Ruler', 'Long ruler')
  })
  .catch((error: Error) => console.log('UNDONE:', error.message))
console.log(
  'NAMES:',
  (await db.select().from(items).orderBy(items.name)).map(({ name }) => name),
)

// A function that may be used either way takes either.
async function disable(on: Database | Transaction, name: string): Promise<void> {
  await on.update(items).set({ status: Status.DISABLE }).where(eq(items.name, name))
}
await disable(db, 'Leak')
await db.transaction((tx) => disable(tx, 'Pencil'))
console.log('DISABLED:', await db.$count(items, eq(items.status, Status.DISABLE)))
