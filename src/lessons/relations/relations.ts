/**
 * A join gives flat rows, a program wants objects within objects. Tell Drizzle once how the tables belong
 * together, and `db.query` builds them: in one statement, however deep they go. (This is how Drizzle 0.45
 * is told. What 1.0 writes instead stands at the end.)
 */
import { inspect } from 'node:util'
import { relations } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import { openDatabase } from '../../db/pool.ts'
import { customers } from '../../db/schema/customers.ts'
import { items } from '../../db/schema/items.ts'
import { orderLines, orders } from '../../db/schema/orders.ts'
import { fillShop } from '../shared/shop.ts'

// A relation is for queries alone: it creates nothing. The foreign keys are what holds in the database.
const customersRelations = relations(customers, ({ many }) => ({ orders: many(orders) }))
const ordersRelations = relations(orders, ({ one, many }) => ({
  customer: one(customers, { fields: [orders.idCustomer], references: [customers.idCustomer] }),
  lines: many(orderLines),
}))
const linesRelations = relations(orderLines, ({ one }) => ({
  order: one(orders, { fields: [orderLines.idOrder], references: [orders.idOrder] }),
  item: one(items, { fields: [orderLines.idItem], references: [items.idItem] }),
}))

await using pool = openDatabase()
await fillShop(pool)

// The tables and their relations are handed over together. Whatever is not in here, `query` does not know.
let statements = 0
const db = drizzle({
  client: pool.$client,
  schema: {
    customers,
    orders,
    orderLines,
    items,
    customersRelations,
    ordersRelations,
    linesRelations,
  },
  logger: { logQuery: () => (statements += 1) },
})

// Three levels, and from each of them only what is asked for.
const everybody = await db.query.customers.findMany({
  columns: { name: true },
  with: {
    orders: {
      columns: { number: true },
      orderBy: (order, { asc }) => asc(order.number),
      with: {
        lines: {
          columns: { quantity: true },
          orderBy: (line, { desc }) => desc(line.quantity),
          with: { item: { columns: { name: true } } },
        },
      },
    },
  },
  orderBy: (customer, { asc }) => asc(customer.name),
})
console.log(inspect(everybody, { depth: null }))
console.log('STATEMENTS:', statements)

// From the other end: an order has one customer, and `findFirst` gives an object, or undefined.
const order = await db.query.orders.findFirst({
  columns: { number: true },
  where: (order, { eq }) => eq(order.number, 2),
  with: { customer: { columns: { name: true } } },
})
console.log('ORDER 2:', order)

// Drizzle 1.0 writes:
//   const relations = defineRelations({ customers, orders, orderLines, items }, (r) => ({
//     customers: { orders: r.many.orders() },
//     orders: { customer: r.one.customers({ from: r.orders.idCustomer, to: r.customers.idCustomer }) },
//   }))
//   const db = drizzle({ client, relations })
//   await db.query.orders.findFirst({ where: { number: 2 }, with: { customer: true } })
