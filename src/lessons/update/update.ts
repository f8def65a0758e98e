/**
 * An update names the columns that change, and says which rows. Write the `where` first: without it, every
 * row of the table is meant, and neither Drizzle nor PostgreSQL asks whether you are sure.
 */
import { eq, inArray, sql } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { Status } from '../../db/schema/common.ts'
import { items } from '../../db/schema/items.ts'

await using db = openDatabase()
await createTables(db, { items })
await db.insert(items).values([{ name: 'Pencil' }, { name: 'Notebook' }, { name: 'Pen' }])

// Whether the time of the last change is later than that of the first, by the server's clock.
const changed = sql<boolean>`${items.updatedAt} > ${items.createdAt}`

// `returning` tells what is in the table now. Without a match it is an empty array, and no error.
const renamed = await db
  .update(items)
  .set({ name: 'Fountain pen' })
  .where(eq(items.name, 'Pen'))
  .returning({ name: items.name, changed })
console.log('RENAMED:', renamed)

const missing = await db
  .update(items)
  .set({ name: 'Nib' })
  .where(eq(items.name, 'Quill'))
  .returning()
console.log('NO MATCH:', missing)

// The new value may be made from the old one, by the server: no other client can come in between.
await db
  .update(items)
  .set({ name: sql`upper(${items.name})` })
  .where(inArray(items.name, ['Pencil', 'Notebook']))
const names = await db.select({ name: items.name, changed }).from(items).orderBy(items.name)
console.log('COMPUTED:', names)

// A key that is undefined is left out; null would be written. So an update of nothing is refused.
try {
  await db.update(items).set({ name: undefined })
} catch (error) {
  console.log('NOTHING TO SET:', error instanceof Error && error.message)
}

// `$onUpdate` is part of what Drizzle builds. SQL of your own goes round it, and so does any other program.
await db.insert(items).values({ name: 'Ruler' })
await db.execute(sql`update items set status = ${Status.DISABLE} where name = 'Ruler'`)
const [ruler] = await db.select({ changed }).from(items).where(eq(items.name, 'Ruler'))
console.log('BY RAW SQL:', ruler)
