/**
 * A standby has the rows of its primary, but it takes no writes until somebody promotes it. This
 * lesson kills a primary in the middle of an order, promotes its standby, and repeats the order.
 */
import { sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { errorCode } from '../../db/error-code.ts'
import { type Database, openDatabase } from '../../db/pool.ts'

// Servers like those of the lesson `replicas`. manage.sh starts them, and says where they are.
const { DB_PRIMARY, DB_STANDBY } = process.env
if (!DB_PRIMARY || !DB_STANDBY) throw new Error('Two servers are needed: ./manage.sh failover')
await using standby = openDatabase({ server: DB_STANDBY, name: 'shop', applicationName: 'standby' })
const primary = openDatabase({
  server: DB_PRIMARY,
  name: 'shop',
  applicationName: 'primary',
  max: 1,
})

// The program chooses the id of an order, not the server. So an order that is sent twice is still
// the same order.
const orders = pgTable('orders', { id: integer('id').primaryKey(), item: text('item').notNull() })
const place = (on: Pick<Database, 'insert'>, id: number, item: string) =>
  on.insert(orders).values({ id, item }).onConflictDoNothing().returning()

// On this connection, a commit returns when the standby has applied it. So the standby has each
// order that was confirmed.
await primary.execute(sql`set synchronous_commit = remote_apply`)
await primary.execute(sql`create table orders (id int primary key, item text not null)`)
await place(primary, 1, 'Pencil')
console.log('ORDERS ON THE STANDBY:', await standby.$count(orders))

// A standby takes no writes.
await place(standby, 2, 'Notebook').catch((error) =>
  console.log('A WRITE THERE:', errorCode(error)),
)

// The primary dies before the second order is committed. (A superuser may let the server run a
// program, and this one ends the server at once.)
const order = primary.transaction(async (tx) => {
  await place(tx, 2, 'Notebook')
  await tx.execute(sql`
    copy (select 1) to program 'kill -QUIT $(head -n 1 postmaster.pid); sleep 1'`)
})
await order.catch((error) => console.log('THE PRIMARY IS GONE:', errorCode(error)))
await primary.$client.end({ timeout: 0 }) // waits for no answer

// The standby still answers, and waits for its primary, until you or a tool of yours promotes it.
await standby.execute(sql`select pg_promote()`)

// Was an order committed before the connection was lost? The error does not say. So send it again.
console.log('SENT AGAIN:', await place(standby, 1, 'Pencil'), await place(standby, 2, 'Notebook'))
console.log('ORDERS:', await standby.$count(orders))
