/**
 * An aggregate makes one value out of many rows: of all of them, or of each group. The server does it where the
 * rows are, and sends only the result.
 */
import { asc, count, countDistinct, desc, eq, gt, max, sql, sum } from 'drizzle-orm'
import { openDatabase } from '../../db/pool.ts'
import { customers } from '../../db/schema/customers.ts'
import { items } from '../../db/schema/items.ts'
import { orderLines, orders } from '../../db/schema/orders.ts'
import { fillShop } from '../shared/shop.ts'

await using db = openDatabase()
await fillShop(db)

// Of all rows. A sum of `numeric` is exact, and so a string; a sum of no rows is null.
const [all] = await db
  .select({ lines: count(), pieces: sum(orderLines.quantity), dearest: max(orderLines.unitPrice) })
  .from(orderLines)
console.log('ALL:', all)

// Of each group. What is selected beside the aggregates has to be what is grouped by, or follow from it.
const revenue = sum(sql`${orderLines.quantity} * ${orderLines.unitPrice}`)
const byCustomer = await db
  .select({ customer: customers.name, orders: countDistinct(orders.idOrder), revenue })
  .from(customers)
  .leftJoin(orders, eq(orders.idCustomer, customers.idCustomer))
  .leftJoin(orderLines, eq(orderLines.idOrder, orders.idOrder))
  .groupBy(customers.idCustomer)
  .orderBy(asc(customers.name))
console.log('BY CUSTOMER:', byCustomer)

// `where` chooses rows before they are grouped, `having` chooses groups afterwards.
const pieces = sum(orderLines.quantity).mapWith(Number)
const popular = await db
  .select({ item: items.name, pieces })
  .from(orderLines)
  .innerJoin(items, eq(items.idItem, orderLines.idItem))
  .groupBy(items.idItem)
  .having(gt(pieces, 1))
  .orderBy(desc(pieces), asc(items.name))
console.log('POPULAR:', popular)

// A filter lets one aggregate see only some of the rows: several counts in one pass.
const [statuses] = await db
  .select({
    enabled: sql`count(*) filter (where ${items.status} = '1')`.mapWith(Number),
    disabled: sql`count(*) filter (where ${items.status} = '0')`.mapWith(Number),
  })
  .from(items)
console.log('STATUSES:', statuses)

// The rows of a group can also be kept, as JSON: one row for each order, its lines inside.
interface Line {
  item: string
  quantity: number
}
const line = sql`json_build_object('item', ${items.name}, 'quantity', ${orderLines.quantity})`
const nested = await db
  .select({ order: orders.number, lines: sql<Line[]>`json_agg(${line} order by ${items.name})` })
  .from(orders)
  .innerJoin(orderLines, eq(orderLines.idOrder, orders.idOrder))
  .innerJoin(items, eq(items.idItem, orderLines.idItem))
  .groupBy(orders.idOrder)
  .orderBy(asc(orders.number))
for (const { order, lines } of nested) console.log(`ORDER ${order}:`, lines)

// PostgreSQL counts in bigint, which the driver hands over as a string. Drizzle's count() converts it.
const [raw] = await db.execute(sql`select count(*) from items`)
console.log('RAW COUNT:', raw, 'DRIZZLE:', await db.$count(items))
