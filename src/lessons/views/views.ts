/**
 * A view is a query with a name in the database: everybody reads it like a table, this program and any other. A
 * materialized view keeps its result, and is as quick as a table, and as old as its last refresh.
 */
import { asc, count, eq, sql } from 'drizzle-orm'
import {
  getMaterializedViewConfig,
  getViewConfig,
  pgMaterializedView,
  pgView,
} from 'drizzle-orm/pg-core'
import { openDatabase } from '../../db/pool.ts'
import { Status } from '../../db/schema/common.ts'
import { customers } from '../../db/schema/customers.ts'
import { items } from '../../db/schema/items.ts'
import { orderLines, orders } from '../../db/schema/orders.ts'
import { fillShop } from '../shared/shop.ts'

// Drizzle knows the columns and their types from the query. `as` names a column in the database;
// without it, `title` would exist only in this program. Group by the key, since two customers may
// share a name.
const assortment = pgView('assortment').as((query) =>
  query
    .select({ id: items.idItem, title: sql<string>`${items.name}`.as('title') })
    .from(items)
    .where(eq(items.status, Status.ENABLE)),
)
const sales = pgMaterializedView('sales').as((query) =>
  query
    .select({
      id: customers.idCustomer,
      customer: sql<string>`${customers.name}`.as('customer'),
      lines: count().as('lines'),
      amount: sql<string>`sum(${orderLines.quantity} * ${orderLines.unitPrice})`.as('amount'),
    })
    .from(customers)
    .innerJoin(orders, eq(orders.idCustomer, customers.idCustomer))
    .innerJoin(orderLines, eq(orderLines.idOrder, orders.idOrder))
    .groupBy(customers.idCustomer),
)

await using db = openDatabase()
await fillShop(db)

// Like a table, a view has to be created: by a migration, or by hand. DDL takes no parameters, so the values
// of the query are written into it.
await db.execute(
  sql`create view ${assortment} as ${getViewConfig(assortment).query}`.inlineParams(),
)
const { query } = getMaterializedViewConfig(sales)
await db.execute(sql`create materialized view ${sales} as ${query}`.inlineParams())

// It is read like a table, and its rows have a type like those of a table.
const titles = async () =>
  (await db.select().from(assortment).orderBy(asc(assortment.title))).map(({ title }) => title)
console.log('ASSORTMENT:', await titles())

// Another program reads it by the names in the database.
const [other] = await db.execute(sql`select title from assortment order by title limit 1`)
console.log('IN SQL:', other)

// A view holds nothing. What changes in the table, changes in it.
await db.update(items).set({ status: Status.DISABLE }).where(eq(items.name, 'Eraser'))
console.log('WITHOUT THE ERASER:', await titles())

// A materialized view holds its result. A later change to an order does not show in it.
const { customer, lines, amount } = sales
const report = () => db.select({ customer, lines, amount }).from(sales).orderBy(asc(customer))
await db.execute(sql`update order_lines set quantity = quantity * 10 where quantity = 2`)
console.log('SALES:', await report())

// A refresh runs the query again. With a unique index it can do so while others go on reading.
await db.execute(sql`create unique index sales_customer on ${sales} (id_customer)`)
await db.refreshMaterializedView(sales).concurrently()
console.log('REFRESHED:', await report())
