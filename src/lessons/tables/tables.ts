/**
 * The models know what the tables look like, so the statements that create them need not be written a
 * second time. `createTables` derives them, like `metadata.create_all` in SQLAlchemy: it creates what
 * is missing, in the order that the foreign keys ask for, and leaves alone what is there.
 */
import { sql } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { orderLines } from '../../db/schema/orders.ts'

await using db = openDatabase()

// An order line refers to its order and to an item, and the order to a customer: all four are created,
// each after those that it refers to.
const statements = await createTables(db, { orderLines })
for (const statement of statements) console.log(`${statement};\n`)

// The catalog is the server's own list of what there is.
const found = await db.execute<{ name: string; columns: number }>(sql`
  select table_name as name, count(*)::int as columns
  from information_schema.columns
  where table_schema = 'public'
  group by table_name
  order by table_name`)
for (const { name, columns } of found) console.log(`FOUND: ${name}, ${columns} columns`)

// Everything is there now, so a second run has nothing to do.
const again = await createTables(db, { orderLines })
console.log(`SECOND RUN: ${again.length} statements`)

// It looks for a table by its name and no further: one that has lost a column stays as it is. To change
// tables that hold data is the work of migrations.
await db.execute(sql`alter table order_lines drop column quantity`)
const afterwards = await createTables(db, { orderLines })
console.log(`WITH A COLUMN MISSING: ${afterwards.length} statements`)
