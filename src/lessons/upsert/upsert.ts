/**
 * "Insert this, or if it is there already, change it" is one statement in PostgreSQL, and safe when two clients
 * do it at the same time. To look first and then decide is neither.
 */
import { eq, sql } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { Status } from '../../db/schema/common.ts'
import { customers } from '../../db/schema/customers.ts'

await using db = openDatabase()
await createTables(db, { customers })
const ada = { name: 'Ada', email: 'ada@example.com' }
await db.insert(customers).values(ada)

// The conflict is about a column that is unique. Do nothing: the row that is there stays, and does not come back.
const ignored = await db
  .insert(customers)
  .values({ ...ada, name: 'Somebody else' })
  .onConflictDoNothing({ target: customers.email })
  .returning()
console.log('DO NOTHING:', ignored)

// Do update: the row that is there is changed, and comes back. `updatedAt` follows, as with every update.
const [renamed] = await db
  .insert(customers)
  .values({ ...ada, name: 'Ada Lovelace' })
  .onConflictDoUpdate({ target: customers.email, set: { name: 'Ada Lovelace' } })
  .returning({ name: customers.name, changed: sql<boolean>`updated_at > created_at` })
console.log('DO UPDATE:', renamed)

// With many rows each has its own new value. `excluded` is the row that could not be inserted. A new row has
// no earlier version, which the system column xmax tells: 0 is an insert, anything else an update.
const upserted = await db
  .insert(customers)
  .values([
    { name: 'Ada King', email: 'ada@example.com' },
    { name: 'Grace Hopper', email: 'grace@example.com' },
    { name: 'Alan Turing', email: 'alan@example.com' },
  ])
  .onConflictDoUpdate({ target: customers.email, set: { name: sql`excluded.name` } })
  .returning({ name: customers.name, inserted: sql<boolean>`xmax = 0` })
console.log('MANY:', upserted)

// A condition on the update: who is disabled keeps the old name.
await db
  .update(customers)
  .set({ status: Status.DISABLE })
  .where(eq(customers.email, 'alan@example.com'))
const changed = await db
  .insert(customers)
  .values([
    { name: 'Alan M. Turing', email: 'alan@example.com' },
    { name: 'Grace M. Hopper', email: 'grace@example.com' },
  ])
  .onConflictDoUpdate({
    target: customers.email,
    set: { name: sql`excluded.name` },
    setWhere: eq(customers.status, Status.ENABLE),
  })
  .returning({ name: customers.name })
console.log('WITH A CONDITION:', changed)
console.log('TOTAL:', await db.$count(customers))
