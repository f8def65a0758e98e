/**
 * Each connection is a process of the server, so a few hundred are too many. PgBouncer lets many
 * clients share a few connections: it lends one to a client for a transaction, then to the next.
 */
import { eq, sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { errorCode, errorMessage } from '../../db/error-code.ts'
import { type Database, openDatabase, type Transaction } from '../../db/pool.ts'

// This lesson has a server and a pooler of its own. manage.sh starts them, and says where they are.
const { DB_DIRECT, DB_POOLER } = process.env
if (!DB_DIRECT || !DB_POOLER) throw new Error('A pooler is needed: ./manage.sh pooler')
const direct = (applicationName = 'direct') =>
  openDatabase({ server: DB_DIRECT, name: 'shop', max: 1, applicationName })
const pooled = (applicationName = 'pooled') =>
  openDatabase({ server: DB_POOLER, name: 'shop', max: 1, applicationName })

const items = pgTable('items', { id: integer('id').primaryKey(), name: text('name').notNull() })
await using server = direct()
await server.execute(sql`create table items (id int primary key, name text not null)`)
await server.insert(items).values({ id: 1, name: 'Pencil' })

/** Two hundred programs ask at once, each on a connection of its own. */
async function crowd(open: () => Database) {
  const clients = Array.from({ length: 200 }, () => open())
  const whoAnswers = { pid: sql<number>`pg_backend_pid()` }
  const answers = await Promise.allSettled(clients.map((db) => db.select(whoAnswers).from(items)))
  await Promise.all(clients.map((db) => db.$client.end()))
  const rows = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  const errors = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
  const refused = errors.find((error) => errorCode(error) === '53300')
  return { answered: rows.length, by: new Set(rows.map(({ pid }) => pid)).size, refused }
}
const { refused } = await crowd(direct)
console.log('DIRECTLY, SOME WERE REFUSED:', errorMessage(refused))
const { answered, by } = await crowd(pooled)
console.log('BY THE POOLER:', answered, 'answers; from at most 20 connections:', by <= 20)

// A prepared statement belongs to one connection of the server. Ada prepares hers on the one that
// she is lent. Then Grace is lent it, and Ada another. The pooler prepares her statement there too.
await using ada = pooled('ada')
await using grace = pooled('grace')
const byId = (tx: Transaction) =>
  tx
    .select()
    .from(items)
    .where(eq(items.id, sql.placeholder('id')))
    .prepare('by_id')
    .execute({ id: 1 })
console.log('PREPARED:', await ada.transaction(byId))
await grace.execute(sql`begin`)
const again = await ada.transaction(byId)
await grace.execute(sql`commit`)
console.log('ON ANOTHER CONNECTION:', again)
