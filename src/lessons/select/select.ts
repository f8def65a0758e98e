/**
 * A select is built from ordinary function calls, in the order of the SQL that it becomes, and its
 * result is an array of typed objects. What it selects decides their type.
 */
import { and, asc, count, desc, eq, like } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { Status } from '../../db/schema/common.ts'
import { items } from '../../db/schema/items.ts'

await using db = openDatabase()

await createTables(db, { items })
await db
  .insert(items)
  .values([
    { name: 'Pencil' },
    { name: 'Notebook' },
    { name: 'Pen' },
    { name: 'Eraser' },
    { name: 'Inkwell', status: Status.DISABLE },
  ])

// All columns of all rows: each row is an Item. Without an order, the server may give them in any.
const all = await db.select().from(items).orderBy(asc(items.name))
console.log('ALL:', all.map((item) => item.name).join(', '))

// The first row is the first element. It may not be there: its type is `Item | undefined`.
const [first] = await db.select().from(items).orderBy(asc(items.name)).limit(1)
console.log('FIRST:', first?.name)

// Some columns: the keys are yours to choose, and the type follows.
const some = await db
  .select({ title: items.name, status: items.status })
  .from(items)
  .where(eq(items.status, Status.DISABLE))
console.log('SOME COLUMNS:', some)

// Conditions are values. `and` puts them together.
const pens = await db
  .select({ name: items.name })
  .from(items)
  .where(and(like(items.name, 'Pen%'), eq(items.status, Status.ENABLE)))
  .orderBy(desc(items.name))
console.log('WHERE:', pens)

// One page of a longer list: skip two rows, take two.
const page = await db
  .select({ name: items.name })
  .from(items)
  .orderBy(asc(items.name))
  .limit(2)
  .offset(2)
console.log('PAGE:', page)

// A scalar is the one column of the one row.
const [row] = await db
  .select({ enabled: count() })
  .from(items)
  .where(eq(items.status, Status.ENABLE))
console.log('SCALAR:', row?.enabled)

// To count is so common that it has a short form.
console.log('COUNT:', await db.$count(items))

// No row is no error: an empty array, and of its elements the first is undefined.
const none = await db.select().from(items).where(eq(items.name, 'Stapler'))
console.log('NONE:', none, none[0])
