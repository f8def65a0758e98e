/**
 * Each connection is a process of the server's, so some hundreds are a crowd. PgBouncer lets many clients share few connections:
 * it lends one out for a transaction at a time. What used to last longer than a transaction does so no more.
 */
import { EventEmitter, once } from 'node:events'
import { eq, sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { errorMessage } from '../../db/error-code.ts'
import { type Database, openDatabase, type Transaction } from '../../db/pool.ts'

// This lesson has a server and a pooler of its own. manage.sh starts them, and says where they are.
const { DB_DIRECT, DB_POOLER } = process.env
if (!DB_DIRECT || !DB_POOLER) throw new Error('A pooler is needed: ./manage.sh pooler')
const direct = () => openDatabase({ server: DB_DIRECT, name: 'shop', max: 1 })
const pooled = () => openDatabase({ server: DB_POOLER, name: 'shop', max: 1 })

await using server = direct()
const items = pgTable('items', { id: integer('id').primaryKey(), name: text('name').notNull() })
await server.execute(sql`create table items (id int primary key, name text not null)`)
await server.insert(items).values({ id: 1, name: 'Pencil' })

/** Two hundred programs ask at once, each over a connection of its own. */
async function crowd(open: () => Database) {
  const clients = Array.from({ length: 200 }, open)
  const whoAnswers = { pid: sql<number>`pg_backend_pid()` }
  const answers = await Promise.allSettled(clients.map((db) => db.select(whoAnswers).from(items)))
  await Promise.all(clients.map((db) => db.$client.end()))
  const rows = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  const refused = answers.find((answer) => answer.status === 'rejected')
  return { answered: rows.length, by: new Set(rows.map(({ pid }) => pid)).size, refused }
}
const { refused } = await crowd(direct)
console.log('DIRECTLY, SOME WERE REFUSED:', errorMessage(refused?.reason))
const { answered, by } = await crowd(pooled)
console.log('BY THE POOLER:', answered, 'answers; from at most 20 connections:', by <= 20)

// A prepared statement belongs to one connection. The pooler prepares it on the next one, too.
await using ann = pooled()
await using bob = pooled()
const byId = (tx: Transaction) =>
  tx
    .select()
    .from(items)
    .where(eq(items.id, sql.placeholder('id')))
    .prepare('by_id')
    .execute({ id: 1 })
await ann.transaction(byId)
await bob.transaction(async () => console.log('PREPARED:', await ann.transaction(byId)))

// What is set for a session goes on to whoever is lent the connection next.
async function timeoutOf(db: Database) {
  const [row] = await db.execute<{ statement_timeout: string }>(sql`show statement_timeout`)
  return row?.statement_timeout
}
await ann.execute(sql`set statement_timeout = '5s'`)
console.log("BOB HAS ANN'S TIMEOUT:", await timeoutOf(bob))
await ann.execute(sql`reset statement_timeout`)
await ann.transaction((tx) => tx.execute(sql`set local statement_timeout = '5s'`))
console.log('AFTER SET LOCAL:', await timeoutOf(bob))

// A session's lock stays with the server's connection, and Bob gets that. A transaction's is safe.
async function bobLocks() {
  const [row] = await bob.execute<{ got: boolean }>(sql`select pg_try_advisory_lock(7) as got`)
  return row?.got
}
await ann.execute(sql`select pg_advisory_lock(7)`)
console.log('SESSION LOCK, BOB GOT IT TOO:', await bobLocks())
await ann.execute(sql`select pg_advisory_unlock_all()`)
await ann.transaction(async (tx) => {
  await tx.execute(sql`select pg_advisory_xact_lock(7)`)
  console.log('TRANSACTION LOCK, BOB GOT IT TOO:', await bobLocks())
})

// LISTEN is accepted, and nothing is ever heard. Who listens connects to the server itself.
const ears = new EventEmitter()
await ann.$client.listen('news', () => ears.emit('heard', 'through the pooler'))
await server.$client.listen('news', () => ears.emit('heard', 'directly'))
const heard = once(ears, 'heard')
await bob.execute(sql`notify news`)
console.log('HEARD:', await heard)
