import { sql } from 'drizzle-orm'
import { type AnyPgColumn, check, timestamp, varchar } from 'drizzle-orm/pg-core'

/** The two values of every table's `status` column: a row is disabled rather than deleted. */
export const Status = { ENABLE: '1', DISABLE: '0' } as const
export type Status = (typeof Status)[keyof typeof Status]

/**
 * The mixin: columns that every table has. Spread its result into a table's own columns.
 *
 * It is a function because a column builder belongs to one table: two tables that shared a builder
 * would share the names made from it, and every later change to it.
 */
export const sharedColumns = () => ({
  // `enum` narrows the TypeScript type to '1' | '0'. `statusCheck` guards the database.
  status: varchar('status', { length: 2, enum: [Status.ENABLE, Status.DISABLE] })
    .notNull()
    .default(Status.ENABLE),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  // Both times come from the server's clock, so that they can be compared.
  updatedAt: timestamp('updated_at', { withTimezone: true })
    .notNull()
    .defaultNow()
    .$onUpdate(() => sql`now()`),
})

/** The check that goes with the mixin: no other client can store another status either. */
export const statusCheck = (table: { status: AnyPgColumn }) =>
  check('status_check', sql`${table.status} in ('0', '1')`)
