import { randomUUID } from 'node:crypto'
import { pgTable, uuid, varchar } from 'drizzle-orm/pg-core'
import { sharedColumns, statusCheck } from './common.ts'

/** What the shop sells. */
export const items = pgTable(
  'items',
  {
    // Made by the app, so that the id is known before the row is in the database.
    idItem: uuid('id_item')
      .primaryKey()
      .$defaultFn(() => randomUUID()),
    name: varchar('name', { length: 255 }).notNull(),
    ...sharedColumns(),
  },
  (table) => [statusCheck(table)],
)

/** A row as it comes out of the table. */
export type Item = typeof items.$inferSelect

/** A row as it goes in: what has a default may be left out. */
export type NewItem = typeof items.$inferInsert
