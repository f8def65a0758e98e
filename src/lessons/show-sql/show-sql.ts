/**
 * Drizzle hides no SQL: what you write is what is sent, in other letters. Here are three ways to look at
 * it: ask one query, listen to all of them, and ask the server how it would go about it.
 */
import { eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { items } from '../../db/schema/items.ts'

await using db = openDatabase()
await createTables(db, { items })

// Every builder tells its SQL without running it. The values are not in the statement: they travel beside
// it, and $1 stands where the first one belongs.
const byName = db.select({ name: items.name }).from(items).where(eq(items.name, 'Pencil'))
console.log('ONE QUERY:', byName.toSQL())

// A logger sees each statement that this database runs. Another one on the same pool stays silent.
const logged = drizzle({
  client: db.$client,
  logger: { logQuery: (query, params) => console.log('LOGGED:', query, params) },
})
await logged
  .insert(items)
  .values({ name: 'Pencil', idItem: '00000000-0000-4000-8000-000000000001' })
await logged.select({ name: items.name }).from(items)
await db.select({ name: items.name }).from(items)

// `explain` in front of a statement asks for its plan. A query can be part of another one: the template
// takes it in, with its values.
const plan = async (query: { getSQL: () => ReturnType<typeof sql> }) => {
  const rows = await db.execute<{ 'QUERY PLAN': string }>(sql`explain (costs off) ${query}`)
  return rows.map((row) => row['QUERY PLAN']).join('\n')
}

// There is no index on the name, so every row is read and compared.
console.log(`PLAN BY NAME:\n${await plan(byName)}`)

// The primary key is an index, so the one row is found without looking at the others.
const byId = db
  .select({ name: items.name })
  .from(items)
  .where(eq(items.idItem, '00000000-0000-4000-8000-000000000001'))
console.log(`PLAN BY ID:\n${await plan(byId)}`)
