/**
 * A program that wants to know of changes can ask again and again, or be told. PostgreSQL passes messages from whoever
 * notifies to everybody who listens, across connections, processes and machines.
 */
import { EventEmitter, once } from 'node:events'
import { sql } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { items } from '../../db/schema/items.ts'

await using db = openDatabase()
await createTables(db, { items })

// The driver keeps one connection of its own for listening. It calls the first function for each message, and
// the second one whenever it has begun to listen.
const events = new EventEmitter()
const listening = once(events, 'listening')
await db.$client.listen(
  'items',
  (message) => events.emit('message', message),
  () => events.emit('listening'),
)
await listening

/** Does the work, and returns the message that comes of it. */
async function messageFrom(work: () => Promise<unknown>): Promise<string> {
  const message = once(events, 'message')
  await work()
  return String((await message)[0])
}

// Anyone can notify: a channel, and a short text.
const notify = (text: string) => db.execute(sql`select pg_notify('items', ${text})`)
console.log('MESSAGE:', await messageFrom(() => notify('hello')))

// A notification is part of its transaction: undone with it, and sent when it is committed. So the first message
// that comes is the second one that was sent.
await db
  .transaction(async (tx) => {
    await tx.execute(sql`select pg_notify('items', 'never sent')`)
    tx.rollback()
  })
  .catch(() => {})
console.log('AFTER A ROLLBACK:', await messageFrom(() => notify('the next one')))

// A trigger tells of every change, whichever program made it.
await db.execute(sql`
  create function tell_items() returns trigger language plpgsql as $$
  begin
    perform pg_notify('items', json_build_object('change', tg_op, 'name', new.name)::text);
    return new;
  end $$`)
await db.execute(sql`
  create trigger tell after insert or update on items for each row execute function tell_items()`)
console.log('BY TRIGGER:', await messageFrom(() => db.insert(items).values({ name: 'Pencil' })))

// The connection is lost, and the driver makes a new one and listens again. What was sent in between is lost, so
// whoever must miss nothing reads the table anew whenever listening begins.
const again = once(events, 'listening')
await db.execute(sql`
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and query ilike 'listen%'`)
await again
console.log('AFTER A RECONNECT:', await messageFrom(() => notify('still here')))
