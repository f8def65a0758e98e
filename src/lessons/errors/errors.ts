/**
 * A museum of failures. What Drizzle throws says which query failed; why it failed is in its `cause`, which is
 * the server's own error: with a code to compare, and with the name of the rule that was broken.
 */
import { DrizzleQueryError, eq, sql } from 'drizzle-orm'
import postgres from 'postgres'
import { openDatabase } from '../../db/pool.ts'
import { customers } from '../../db/schema/customers.ts'
import { items } from '../../db/schema/items.ts'
import { orders } from '../../db/schema/orders.ts'
import { fillShop } from '../shared/shop.ts'

await using db = openDatabase()
await fillShop(db)

/** What the server had against it, if it was the server. */
function serverError(error: unknown): postgres.PostgresError | undefined {
  const cause = error instanceof DrizzleQueryError ? error.cause : error
  return cause instanceof postgres.PostgresError ? cause : undefined
}

/** Shows a failure as a visitor of the museum would see it. */
async function exhibit(title: string, work: PromiseLike<unknown>): Promise<void> {
  try {
    await work
    console.log(`${title}: no error`)
  } catch (error) {
    const server = serverError(error)
    if (!server) throw error
    const rule = server.constraint_name ? `, ${server.constraint_name}` : ''
    console.log(`${title}: ${server.code}${rule}: ${server.message}`)
  }
}

const unknownId = '00000000-0000-4000-8000-000000000000'
const ada = { name: 'Ada', email: 'ada@example.com' }

await exhibit('UNIQUE', db.insert(customers).values(ada))
await exhibit('FOREIGN KEY', db.insert(orders).values({ idCustomer: unknownId }))
await exhibit('STILL REFERRED TO', db.delete(customers).where(eq(customers.email, ada.email)))
await exhibit(
  'NOT NULL',
  db.execute(sql`insert into customers (id_customer) values (${unknownId})`),
)
await exhibit('CHECK', db.execute(sql`update items set status = '7'`))
await exhibit('TOO LONG', db.update(items).set({ name: 'x'.repeat(256) }))
await exhibit('NOT A UUID', db.select().from(items).where(eq(items.idItem, 'Pencil')))
await exhibit('OUT OF RANGE', db.execute(sql`select 2147483647 + 1`))
await exhibit('DIVISION', db.execute(sql`select 1 / 0`))
await exhibit('NO SUCH TABLE', db.execute(sql`select * from stock`))
await exhibit('NO SUCH COLUMN', db.execute(sql`select price from items`))
await exhibit('SYNTAX', db.execute(sql`selec 1`))

// A transaction that has failed takes nothing more, even if the error was caught.
await exhibit(
  'AFTER A FAILURE',
  db.transaction(async (tx) => {
    await tx.execute(sql`select 1 / 0`).catch(() => {})
    await tx.execute(sql`select 1`)
  }),
)

// What to do about it depends on the code. This one is no accident: somebody has registered already.
try {
  await db.insert(customers).values(ada)
} catch (error) {
  if (serverError(error)?.constraint_name !== 'customers_email_unique') throw error
  console.log('ANSWER: There is a customer with this email already.')
}
