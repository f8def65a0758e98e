/** The table that is measured: each row has its number, a name and a time. */
import { sql } from 'drizzle-orm'
import { integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { createTables } from '../src/db/create-tables.ts'
import type { Database } from '../src/db/pool.ts'

export const rows = pgTable('rows', {
  id: integer('id').primaryKey(),
  name: text('name').notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})

/** Makes the table if there is none, and leaves so many rows in it, numbered from one. */
export async function fill(db: Database, count: number): Promise<void> {
  await createTables(db, { rows })
  await empty(db)
  await db.execute(sql`
    insert into rows (id, name) select n, 'Item ' || n from generate_series(1, ${count}::int) as n`)
  await db.execute(sql`analyze rows`)
}

/** Deletes all rows. */
export const empty = (db: Database) => db.execute(sql`truncate rows`).execute()
