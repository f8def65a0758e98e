/**
 * Behind a pooler, a client has a connection for a transaction, and then another client has it.
 * What belongs to a session, and not to a transaction, stays with the connection. So one client
 * loses it, and another one finds it.
 */
import { EventEmitter, once } from 'node:events'
import { sql } from 'drizzle-orm'
import { type Database, openDatabase } from '../../db/pool.ts'

// Servers like those of the lesson `pooler`. manage.sh starts them, and says where they are.
const { DB_DIRECT, DB_POOLER } = process.env
if (!DB_DIRECT || !DB_POOLER) throw new Error('A pooler is needed: ./manage.sh pooler-sessions')
const pooled = { server: DB_POOLER, name: 'shop', max: 1 }
await using ada = openDatabase({ ...pooled, applicationName: 'ada' })
await using grace = openDatabase({ ...pooled, applicationName: 'grace' })
await using direct = openDatabase({ server: DB_DIRECT, name: 'shop', applicationName: 'direct' })

// A setting. `set` is for a session of the server, and Grace is lent that session next.
async function timeoutOf(db: Database): Promise<string | undefined> {
  const [row] = await db.execute<{ timeout: string }>(
    sql`select current_setting('statement_timeout') as timeout`,
  )
  return row?.timeout
}
await ada.execute(sql`set statement_timeout = '5s'`)
console.log('SET, GRACE HAS:', await timeoutOf(grace))
await ada.execute(sql`reset statement_timeout`)

// `set local` ends with the transaction.
await ada.transaction(async (tx) => {
  await tx.execute(sql`set local statement_timeout = '5s'`)
})
console.log('SET LOCAL, GRACE HAS:', await timeoutOf(grace))

// A lock. A session of the server has it. Grace is lent that session, so she has the lock, too.
async function graceTries(): Promise<boolean | undefined> {
  const tries = sql`select pg_try_advisory_lock(7) as got`
  const [row] = await grace.execute<{ got: boolean }>(tries)
  return row?.got
}
await ada.execute(sql`select pg_advisory_lock(7)`)
console.log('SESSION LOCK, GRACE GOT IT TOO:', await graceTries())
await ada.execute(sql`select pg_advisory_unlock_all()`)

// A transaction keeps its connection until it ends, and its lock too. Grace is lent another one.
const got = await ada.transaction(async (tx) => {
  await tx.execute(sql`select pg_advisory_xact_lock(7)`)
  return graceTries()
})
console.log('TRANSACTION LOCK, GRACE GOT IT TOO:', got)

// A listener. A session of the server listens. Grace is lent that session, and gets the message.
const heard: string[] = []
await ada.$client.listen('news', (text) => heard.push(text))
await grace.execute(sql`select pg_notify('news', 'hello')`)
console.log('THROUGH THE POOLER, ADA HEARD:', heard)

// A program that listens connects to the server itself.
const events = new EventEmitter()
const message = once(events, 'message')
await direct.$client.listen('news', (text) => events.emit('message', text))
await direct.execute(sql`select pg_notify('news', 'hello')`)
console.log('DIRECTLY:', ...(await message))
