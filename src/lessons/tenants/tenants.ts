/**
 * Several shops share one table, and none may ever see another's rows. A `where` in each query does it until somebody
 * forgets one. Row-level security does it in the database, for every query, whoever wrote it.
 */
import { sql } from 'drizzle-orm'
import { pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorCode } from '../../db/error-code.ts'
import { openDatabase, type Transaction } from '../../db/pool.ts'

// The tenant of this request. Unset, it is null, or empty on a connection that once had a value.
const tenant = sql`nullif(current_setting('app.tenant', true), '')`
const orders = pgTable('tenant_orders', {
  tenant: text('tenant').notNull().default(tenant),
  item: text('item').notNull(),
})

await using db = openDatabase()
await createTables(db, { orders })
await db.insert(orders).values([
  { tenant: 'north', item: 'Pencil' },
  { tenant: 'north', item: 'Pen' },
  { tenant: 'south', item: 'Notebook' },
])

// The policy: a row can be seen, and written, if it is the tenant's own. Without a tenant, no row is.
await db.execute(sql`alter table tenant_orders enable row level security`)
await db.execute(sql`
  create policy own_rows on tenant_orders
  using (tenant = ${tenant}) with check (tenant = ${tenant})`)

// It does not hold for the owner of the table, nor for a superuser. So the app is a role of its own, which owns
// nothing. A role belongs to the whole server, so it may be there from the last run.
await db.execute(sql`
  do $$ begin create role learning_drizzle_app; exception when duplicate_object then null; end $$`)
await db.execute(sql`grant select, insert, update, delete on tenant_orders to learning_drizzle_app`)

/** Works as the app until the transaction ends. */
const asApp = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
  db.transaction(async (tx) => {
    await tx.execute(sql`set local role learning_drizzle_app`)
    return await work(tx)
  })

/** The same, for one tenant. */
const asTenant = <T>(name: string, work: (tx: Transaction) => Promise<T>): Promise<T> =>
  asApp(async (tx) => {
    await tx.execute(sql`select set_config('app.tenant', ${name}, true)`)
    return await work(tx)
  })

// The same query, with no `where` in it, and each tenant sees only what is theirs.
const all = (tx: Transaction) => tx.select().from(orders).orderBy(orders.item)
console.log('NORTH:', await asTenant('north', all))
console.log('SOUTH:', await asTenant('south', all))

// A request forgets its tenant, on a connection that served others. It reads and writes nothing.
const addRuler = async (tx: Transaction) => void (await tx.insert(orders).values({ item: 'Ruler' }))
console.log('NO TENANT:', await asApp(all))
await asApp(addRuler).catch((error) => console.log('NO TENANT WRITES:', errorCode(error)))

// To ask for another's rows by name finds none. To change or delete them changes none.
const others = sql`tenant = 'north'`
console.log('SOUTH ASKS:', await asTenant('south', (tx) => tx.select().from(orders).where(others)))
const deleted = await asTenant('south', (tx) => tx.delete(orders).returning())
console.log('SOUTH DELETES EVERYTHING:', deleted)

// To write in another's name is refused. The default sees to it that nobody has to write their own.
const forged = asTenant('south', async (tx) => {
  await tx.insert(orders).values({ tenant: 'north', item: 'Eraser' })
})
await forged.catch((error) => console.log('SOUTH WRITES AS NORTH:', errorCode(error)))
await asTenant('south', addRuler)

// The owner sees it all.
console.log('OWNER:', await db.select().from(orders).orderBy(orders.tenant, orders.item))

// A role outlives the database. This one has done its work.
await db.execute(sql`drop owned by learning_drizzle_app`)
await db.execute(sql`drop role learning_drizzle_app`)
