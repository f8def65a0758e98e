import { randomUUID } from 'node:crypto'
import { pgTable, uuid, varchar } from 'drizzle-orm/pg-core'
import { sharedColumns, statusCheck } from './common.ts'

/** Who buys. */
export const customers = pgTable(
  'customers',
  {
    idCustomer: uuid('id_customer')
      .primaryKey()
      .$defaultFn(() => randomUUID()),
    name: varchar('name', { length: 255 }).notNull(),
    email: varchar('email', { length: 255 }).notNull().unique(),
    ...sharedColumns(),
  },
  (table) => [statusCheck(table)],
)
