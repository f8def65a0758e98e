/**
 * A delete cannot be taken back, so a shop rarely deletes: what somebody once ordered has to keep its name. It
 * disables instead. Both are shown here, and what keeps you from deleting too much.
 */
import { and, eq, lt } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { Status } from '../../db/schema/common.ts'
import { items } from '../../db/schema/items.ts'

await using db = openDatabase()
await createTables(db, { items })
await db
  .insert(items)
  .values([{ name: 'Pencil' }, { name: 'Notebook' }, { name: 'Pen' }, { name: 'Eraser' }])
const count = () => db.$count(items)

// The where comes first. What was deleted comes back, for the last time.
const gone = await db.delete(items).where(eq(items.name, 'Eraser')).returning({ name: items.name })
console.log('DELETED:', gone, 'LEFT:', await count())

// No match is no error. Whoever has to know looks at what came back.
const none = await db.delete(items).where(eq(items.name, 'Quill')).returning()
console.log('DELETED:', none, 'LEFT:', await count())

// To disable is an update. The row stays, for the orders that refer to it, and drops out of the lists that
// ask for what is enabled.
await db.update(items).set({ status: Status.DISABLE }).where(eq(items.name, 'Pen'))
const enabled = eq(items.status, Status.ENABLE)
console.log('ENABLED:', await db.$count(items, enabled), 'LEFT:', await count())

// Later, what has been disabled for long enough can go for good.
const old = lt(items.updatedAt, new Date('2020-01-01'))
const purged = await db
  .delete(items)
  .where(and(eq(items.status, Status.DISABLE), old))
  .returning()
console.log('PURGED:', purged, 'LEFT:', await count())

// Without a where, all rows go. In a transaction there is a way back, as long as it has not ended.
await db
  .transaction(async (tx) => {
    const all = await tx.delete(items).returning()
    console.log('DELETED IN THE TRANSACTION:', all.length)
    if (all.length > 1) tx.rollback()
  })
  .catch((error: Error) => console.log('ROLLED BACK:', error.message))
console.log('LEFT:', await count())
