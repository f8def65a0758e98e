/**
 * A join puts rows side by side that belong together. Which rows are left out, which are doubled, and what may
 * be null follows from the kind of join, and the result's type says it.
 */
import { asc, eq, isNull } from 'drizzle-orm'
import { openDatabase } from '../../db/pool.ts'
import { customers } from '../../db/schema/customers.ts'
import { items } from '../../db/schema/items.ts'
import { orderLines, orders } from '../../db/schema/orders.ts'
import { fillShop } from '../shared/shop.ts'

await using db = openDatabase()
await fillShop(db)
const theirOrders = eq(orders.idCustomer, customers.idCustomer)

// Inner: only pairs. Alan has no order, so he is not here; Ada has two, so she is here twice.
const pairs = await db
  .select({ customer: customers.name, order: orders.number })
  .from(customers)
  .innerJoin(orders, theirOrders)
  .orderBy(asc(orders.number))
console.log('INNER:', pairs)

// Left: everybody. Without an order the columns of the order are null, and so is their type now.
const everybody = await db
  .select({ customer: customers.name, order: orders.number })
  .from(customers)
  .leftJoin(orders, theirOrders)
  .orderBy(asc(customers.name), asc(orders.number))
console.log('LEFT:', everybody)

// Who has none? The rows that found no partner.
const idle = await db
  .select({ customer: customers.name })
  .from(customers)
  .leftJoin(orders, theirOrders)
  .where(isNull(orders.idOrder))
console.log('WITHOUT AN ORDER:', idle)

// Without a list of columns, each row has an object for each table; that of a left join may be null.
const rows = await db
  .select()
  .from(customers)
  .leftJoin(orders, theirOrders)
  .leftJoin(orderLines, eq(orderLines.idOrder, orders.idOrder))
  .leftJoin(items, eq(items.idItem, orderLines.idItem))
  .orderBy(asc(customers.name), asc(orders.number), asc(items.name))
console.log('ROWS:', rows.length)

// One row for each line: the customer and the order are repeated. To get them nested,
// group them by key, since two customers may share a name, and skip the nulls.
const nested = new Map<string, { name: string; orders: Map<number, string[]> }>()
for (const row of rows) {
  const { idCustomer, name } = row.customers
  const customer = nested.get(idCustomer) ?? { name, orders: new Map<number, string[]>() }
  nested.set(idCustomer, customer)
  if (!row.orders || !row.items) continue
  const names = customer.orders.get(row.orders.number) ?? []
  customer.orders.set(row.orders.number, [...names, row.items.name])
}
for (const { name, orders } of nested.values()) console.log(`NESTED, ${name}:`, orders)
