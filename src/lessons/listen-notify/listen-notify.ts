/**
 * A program that wants to know of changes can ask again and again, or be told. PostgreSQL passes a
 * message from the session that notifies to every session that listens, on whatever machine.
 */
import { EventEmitter, once } from 'node:events'
import { sql } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { items } from '../../db/schema/items.ts'

// Ada makes changes, and Grace wants to know of them.
await using ada = openDatabase({ max: 1, applicationName: 'ada' })
await using grace = openDatabase({ max: 1, applicationName: 'grace' })
await createTables(ada, { items })

// Anybody can notify: a channel, and a short text. Nobody listens yet, so the message is lost.
const notify = (text: string) => ada.execute(sql`select pg_notify('items', ${text})`)
await notify('too early')
console.log('TOO EARLY: nobody listens')

// The driver opens one more connection for listening. It calls the first function for each message,
// and the second one each time that it has begun to listen.
const events = new EventEmitter()
const first = once(events, 'message')
await grace.$client.listen(
  'items',
  (message) => events.emit('message', message),
  () => events.emit('listening'),
)
await notify('hello')
console.log('MESSAGE:', ...(await first))

// A message belongs to its transaction: it is sent at the commit, and a rollback drops it.
const second = once(events, 'message')
await ada
  .transaction(async (tx) => {
    await tx.execute(sql`select pg_notify('items', 'never sent')`)
    tx.rollback()
  })
  .catch(() => {})
await notify('the next one')
console.log('AFTER A ROLLBACK:', ...(await second))

// A trigger tells of each new or changed row, whichever program wrote it.
await ada.execute(sql`
  create function tell_items() returns trigger language plpgsql as $$
  begin perform pg_notify('items', tg_op || ' ' || new.name); return new; end $$;
  create trigger tell after insert or update on items for each row execute function tell_items()`)
const third = once(events, 'message')
await ada.insert(items).values({ name: 'Pencil' })
console.log('BY TRIGGER:', ...(await third))

// The connection is lost. The driver opens another and listens again, but misses what came between.
const [listening, fourth] = [once(events, 'listening'), once(events, 'message')]
await ada.execute(sql`
  select pg_terminate_backend(pid) from pg_stat_activity
  where application_name = 'grace' and datname = current_database()`)
await listening
await notify('still here')
console.log('AFTER A RECONNECT:', ...(await fourth))
