/**
 * What has no builder is written in SQL. The template is safe because it is not text: what stands in `${}` becomes a
 * parameter, a name, or more SQL, by what it is. Only `sql.raw` is text, and here it does its harm.
 */
import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorMessage } from '../../db/error-code.ts'
import { openDatabase } from '../../db/pool.ts'
import { items } from '../../db/schema/items.ts'

await using db = openDatabase()
await createTables(db, { items })
await db.insert(items).values([{ name: 'Pencil' }, { name: 'Notebook' }, { name: 'Pen' }])

// A table and a column become their names, and anything else a parameter.
const short = sql`length(${items.name}) <= ${6}`
const query = sql`select name from ${items} where ${short} order by name`
const { sql: statement, params } = new PgDialect().sqlToQuery(query)
console.log('STATEMENT:', statement, params)

// The result is an array of rows, with the names of the database. Their type is what you say it is.
const rows = await db.execute<{ name: string }>(query)
console.log('ROWS:', [...rows])

// A piece of SQL fits into a builder too, wherever a column or a condition does.
const built = await db
  .select({ name: items.name, letters: sql`length(${items.name})`.mapWith(Number) })
  .from(items)
  .where(short)
  .orderBy(sql`length(${items.name})`)
console.log('BUILT:', built)

// Pieces can be put together, with something between them.
const conditions = ['Pen', 'Ruler'].map((name) => sql`${items.name} = ${name}`)
const joined = await db.execute(
  sql`select name from ${items} where ${sql.join(conditions, sql` or `)}`,
)
console.log('JOINED:', [...joined])

// A name that is known only at run time cannot be a parameter. `identifier` quotes it, and doubles
// the quotes in it.
const sortBy = (column: string) =>
  db.execute<{ name: string }>(sql`select name from ${items} order by ${sql.identifier(column)}`)
console.log(
  'SORTED:',
  (await sortBy('name')).map(({ name }) => name),
)

// Somebody types this into the search, and hopes that it becomes a part of the statement.
const typed = `x' or name <> 'x`
const found = await db.execute(sql`select name from ${items} where name = ${typed}`)
console.log('INJECTION AS A PARAMETER:', [...found])

// As a name it fares no better: there is no such column.
const column = `name" desc; drop table items; --`
await sortBy(column).catch((error) => console.log('INJECTION AS A NAME:', errorMessage(error)))

// With `sql.raw` the text is the statement, and the statement does what was typed.
const injected = await db.execute(sql`select name from ${items} where name = '${sql.raw(typed)}'`)
console.log('INJECTION BY SQL.RAW:', injected.length, 'rows')

// So `sql.raw` is for texts of your own, and never for what comes from outside.
const directions = { up: sql.raw('asc'), down: sql.raw('desc') }
const direction = directions.down
const sorted = await db.execute<{ name: string }>(
  sql`select name from items order by name ${direction}`,
)
console.log(
  'DIRECTION:',
  sorted.map(({ name }) => name),
)
