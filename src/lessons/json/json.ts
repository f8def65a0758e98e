/**
 * Some data has no fixed shape: what a supplier sends, what a form collects. A jsonb column keeps it, the server can
 * look inside, and an index makes that quick. TypeScript believes what you say about its shape.
 */
import { eq, sql } from 'drizzle-orm'
import { index, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'

interface Details {
  color?: string
  size?: { width: number; height: number }
  tags?: string[]
}

const products = pgTable(
  'products',
  {
    name: text('name').primaryKey(),
    details: jsonb('details').$type<Details>().notNull().default({}),
  },
  (table) => [index('products_details').using('gin', table.details)],
)

await using db = openDatabase()
await createTables(db, { products })

// An object goes in, and an object comes out.
await db.insert(products).values([
  {
    name: 'Notebook',
    details: { color: 'red', size: { width: 148, height: 210 }, tags: ['paper'] },
  },
  { name: 'Pencil', details: { color: 'red', tags: ['school', 'writing'] } },
  { name: 'Eraser' },
])
const [notebook] = await db.select().from(products).where(eq(products.name, 'Notebook'))
console.log('DETAILS:', notebook?.details, 'WIDTH:', notebook?.details.size?.width)

const names = async (condition: ReturnType<typeof sql>) => {
  const rows = await db.select().from(products).where(condition).orderBy(products.name)
  return rows.map(({ name }) => name)
}

// `->>` takes out a text, `->` something to look into further, `@>` asks whether all of this is in there. The
// last one is what the index answers.
const details = products.details
console.log('RED:', await names(sql`${details} ->> 'color' = 'red'`))
console.log('WIDE:', await names(sql`(${details} -> 'size' ->> 'width')::int > 100`))
const school = JSON.stringify({ tags: ['school'] })
console.log('FOR SCHOOL:', await names(sql`${details} @> ${school}::text::jsonb`))
console.log('NO COLOR:', await names(sql`not ${details} ? 'color'`))

// One field is changed in place: what else is in there stays, whoever wrote it.
await db
  .update(products)
  .set({ details: sql`jsonb_set(${details}, '{color}', '"blue"')` })
  .where(eq(products.name, 'Notebook'))
const [blue] = await db.select({ details }).from(products).where(eq(products.name, 'Notebook'))
console.log('CHANGED:', blue?.details)

// The type is a promise. The column takes any JSON, and gives it back as if it were what you have said.
await db.execute(sql`update products set details = '{"color": 7}' where name = 'Pencil'`)
const [pencil] = await db.select().from(products).where(eq(products.name, 'Pencil'))
console.log('NOT A STRING:', typeof pencil?.details.color)

// Text that holds JSON is not JSON. Encoded twice, it is a string to the database, which has no fields.
const twice = JSON.stringify(school)
const [types] = await db.execute(sql`
  select jsonb_typeof(${school}::text::jsonb) as once, jsonb_typeof(${twice}::text::jsonb) as twice`)
console.log('ENCODED:', types)
