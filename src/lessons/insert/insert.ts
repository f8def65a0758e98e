/**
 * An insert says which columns it knows, and the table fills in the rest. What the database made of it
 * comes back with `returning`, so that no select has to follow.
 */
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { Status } from '../../db/schema/common.ts'
import { items } from '../../db/schema/items.ts'

await using db = openDatabase()
await createTables(db, { items })

// Without `returning` an insert gives no rows. The driver knows how many there were.
const silent = await db.insert(items).values({ name: 'Pencil' })
console.log('WITHOUT RETURNING:', [...silent], silent.count)

// With it, the row comes back as it is now: with the id, the status and the times.
const [notebook] = await db.insert(items).values({ name: 'Notebook' }).returning()
console.log('RETURNING:', notebook)

// Some columns are enough, if you want no more.
const [eraser] = await db
  .insert(items)
  .values({ name: 'Eraser', status: Status.DISABLE })
  .returning({ name: items.name, status: items.status })
console.log('SOME COLUMNS:', eraser)

// Many rows are one statement. Each may leave out what it likes: the gaps become `default`.
const many = await db
  .insert(items)
  .values([{ name: 'Pen' }, { name: 'Ruler', status: Status.DISABLE }, { name: 'Glue' }])
  .returning({ name: items.name, status: items.status })
console.log('MANY:', many)

// Rows made in the same transaction have the same time: now() is when it began.
const times = new Set(
  await db.transaction(async (tx) => {
    const first = await tx.insert(items).values({ name: 'Tape' }).returning()
    const second = await tx.insert(items).values({ name: 'String' }).returning()
    return [...first, ...second].map((item) => item.createdAt.getTime())
  }),
)
console.log('DIFFERENT TIMES IN ONE TRANSACTION:', times.size)

// A builder is a description, and `await` runs it: whoever awaits twice inserts twice. The id is made
// anew each time, so nothing stops it.
const stapler = db.insert(items).values({ name: 'Stapler' })
await stapler
await stapler
console.log('TOTAL:', await db.$count(items))
