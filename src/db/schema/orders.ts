import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import {
  check,
  date,
  index,
  integer,
  numeric,
  pgTable,
  primaryKey,
  uuid,
} from 'drizzle-orm/pg-core'
import { sharedColumns, statusCheck } from './common.ts'
import { customers } from './customers.ts'
import { items } from './items.ts'

/** What a customer bought at one time. */
export const orders = pgTable(
  'orders',
  {
    idOrder: uuid('id_order')
      .primaryKey()
      .$defaultFn(() => randomUUID()),
    // What people say on the phone: the server counts.
    number: integer('number').notNull().generatedAlwaysAsIdentity().unique(),
    idCustomer: uuid('id_customer')
      .notNull()
      .references(() => customers.idCustomer),
    orderedOn: date('ordered_on').notNull().default(sql`current_date`),
    ...sharedColumns(),
  },
  // PostgreSQL makes no index for a foreign key by itself.
  (table) => [statusCheck(table), index('orders_id_customer_index').on(table.idCustomer)],
)

/** One item of an order, at the price of that day. It goes when its order goes. */
export const orderLines = pgTable(
  'order_lines',
  {
    idOrder: uuid('id_order')
      .notNull()
      .references(() => orders.idOrder, { onDelete: 'cascade' }),
    idItem: uuid('id_item')
      .notNull()
      .references(() => items.idItem),
    quantity: integer('quantity').notNull().default(1),
    unitPrice: numeric('unit_price', { precision: 10, scale: 2 }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.idOrder, table.idItem] }),
    check('order_lines_quantity_check', sql`${table.quantity} > 0`),
  ],
)
