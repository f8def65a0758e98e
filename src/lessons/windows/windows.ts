/**
 * A window function looks at a row's neighbours and leaves the row in place: its rank, the total so far, the one
 * before it. What `group by` would fold into one row stays as many.
 */
import { asc, desc, eq, sql } from 'drizzle-orm'
import { openDatabase } from '../../db/pool.ts'
import { customers } from '../../db/schema/customers.ts'
import { orderLines, orders } from '../../db/schema/orders.ts'
import { fillShop } from '../shared/shop.ts'

await using db = openDatabase()
await fillShop(db)

// The orders with their amounts. A query with a name can stand wherever a table can.
const amounts = db.$with('amounts').as(
  db
    .select({
      number: orders.number,
      orderedOn: orders.orderedOn,
      idCustomer: customers.idCustomer,
      customer: customers.name,
      amount: sql<string>`sum(${orderLines.quantity} * ${orderLines.unitPrice})`.as('amount'),
    })
    .from(orders)
    .innerJoin(customers, eq(customers.idCustomer, orders.idCustomer))
    .innerJoin(orderLines, eq(orderLines.idOrder, orders.idOrder))
    .groupBy(orders.idOrder, customers.idCustomer),
)

// Drizzle has no builder for windows, so they are written in SQL. The window says among which rows, and in
// which order, the function looks.
const ranked = await db
  .with(amounts)
  .select({
    order: amounts.number,
    amount: amounts.amount,
    rank: sql`rank() over (order by ${amounts.amount} desc)`.mapWith(Number),
  })
  .from(amounts)
  .orderBy(asc(amounts.number))
console.log('RANK:', ranked)

// With an order, a sum runs from the first row to this one and its peers: a running total.
const running = await db
  .with(amounts)
  .select({
    on: amounts.orderedOn,
    amount: amounts.amount,
    total: sql<string>`sum(${amounts.amount}) over (order by ${amounts.orderedOn})`,
    daysSince: sql<
      number | null
    >`${amounts.orderedOn} - lag(${amounts.orderedOn}) over (order by ${amounts.orderedOn})`,
  })
  .from(amounts)
  .orderBy(asc(amounts.orderedOn))
console.log('RUNNING TOTAL:', running)

// `partition by` makes a window for each customer, by the key: the share in what this customer has spent.
const spent = sql`sum(${amounts.amount}) over (partition by ${amounts.idCustomer})`
const shares = await db
  .with(amounts)
  .select({
    customer: amounts.customer,
    order: amounts.number,
    percent: sql`round(100 * ${amounts.amount} / ${spent})`.mapWith(Number),
  })
  .from(amounts)
  .orderBy(asc(amounts.customer), asc(amounts.number))
console.log('SHARES:', shares)

// The latest row of each group needs no window in PostgreSQL: `distinct on` keeps the first of each.
const latest = await db
  .with(amounts)
  .selectDistinctOn([amounts.customer, amounts.idCustomer], {
    customer: amounts.customer,
    order: amounts.number,
  })
  .from(amounts)
  .orderBy(asc(amounts.customer), asc(amounts.idCustomer), desc(amounts.orderedOn))
console.log('LATEST:', latest)
