/**
 * A model says once what a table looks like; its TypeScript types, its DDL and its queries follow from
 * that. This lesson takes one table, `items`, through a short life: created, empty, filled, changed.
 */
import { inspect } from 'node:util'
import { eq, gt } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { Status } from '../../db/schema/common.ts'
import { type Item, items, type NewItem } from '../../db/schema/items.ts'

await using db = openDatabase()

// A row is a plain object, so Node can print it; this puts it on one line.
const show = (item: Item) => `Item ${inspect(item, { breakLength: Infinity })}`

await createTables(db, { items })
console.log('TABLES CREATED: items')

// Nothing is in the table yet, and that is no error: the result is an empty array.
console.log('RESULT:', await db.select().from(items))

// Only the name has no default, so only the name is required: leave it out, and this does not compile.
const pencil: NewItem = { name: 'Pencil' }
await db.insert(items).values(pencil)

for (const item of await db.select().from(items)) console.log('INSERTED:', show(item))

// The update names one column. The mixin sees to `updatedAt`.
await db.update(items).set({ status: Status.DISABLE }).where(eq(items.name, 'Pencil'))

for (const item of await db.select().from(items)) console.log('UPDATED:', show(item))

// PostgreSQL keeps microseconds, a JavaScript Date only milliseconds: to compare, ask the server.
console.log('CHANGED SINCE CREATED:', await db.$count(items, gt(items.updatedAt, items.createdAt)))
