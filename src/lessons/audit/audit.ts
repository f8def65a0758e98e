/**
 * Who has changed what, and when? The app knows who, the database knows what. The app's record is
 * easily forgotten. A trigger fires for every program, but has to be told who made the change.
 */
import { and, eq, type SQL, sql } from 'drizzle-orm'
import { bigint, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase, type Transaction } from '../../db/pool.ts'
import { type Item, items } from '../../db/schema/items.ts'

const audit = pgTable('audit', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  recordedBy: text('recorded_by').notNull(),
  at: timestamp('at', { withTimezone: true }).notNull().defaultNow(),
  who: text('who'),
  action: text('action').notNull(),
  idItem: uuid('id_item'), // no foreign key: the record stays when the item goes
  change: jsonb('change').$type<Record<string, unknown>>().notNull(),
})

await using db = openDatabase()
await createTables(db, { items, audit })

// By the app: the change and its record in one transaction, and no record without a change.
const renameByApp = (who: string, { idItem, name }: Item, to: string) =>
  db.transaction(async (tx) => {
    const asRead = and(eq(items.idItem, idItem), eq(items.name, name))
    const renamed = await tx.update(items).set({ name: to }).where(asRead).returning()
    if (renamed.length === 0) throw new Error(`${name} has been changed or deleted meanwhile`)
    const change = { name: [name, to] }
    await tx.insert(audit).values({ recordedBy: 'app', who, action: 'UPDATE', idItem, change })
  })

// By the database: of each row that changes, the columns that are different, as they were and as they are.
await db.execute(sql`
  create function record_change() returns trigger language plpgsql
  set search_path = public, pg_temp as $$
  begin
    insert into audit (recorded_by, who, action, id_item, change)
    select 'trigger', nullif(current_setting('app.who', true), ''), tg_op,
      coalesce(new.id_item, old.id_item),
      coalesce(jsonb_object_agg(key, jsonb_build_array(before.value, after.value)), '{}')
    from jsonb_each(coalesce(to_jsonb(old), '{}')) as before
    full join jsonb_each(coalesce(to_jsonb(new), '{}')) as after using (key)
    where before.value is distinct from after.value and key = 'name';
    return null;
  end $$`)
await db.execute(sql`
  create trigger record_change after insert or update or delete on items
  for each row execute function record_change()`)

// TRUNCATE fires no trigger `for each row`. In one `for each statement`, old and new are null.
await db.execute(sql`
  create trigger record_truncate after truncate on items
  for each statement execute function record_change()`)

// The app tells the trigger who makes the change, in a setting that lasts for the transaction.
const as = <T>(who: string, work: (tx: Transaction) => PromiseLike<T>) =>
  db.transaction(async (tx) => {
    await tx.execute(sql`select set_config('app.who', ${who}, true)`)
    return await work(tx)
  })

const insert = (tx: Transaction) => tx.insert(items).values({ name: 'Pencil' }).returning()
for (const pencil of await as('Ada', insert)) await renameByApp('Grace', pencil, 'Soft pencil')
await as('Grace', (tx) => tx.update(items).set({ name: 'Hard pencil' }))

// Somebody bypasses the app. The trigger sees the changes, but not who made them.
await db.execute(sql`delete from items`)
await db.execute(sql`truncate items`)

const by = (recorder: 'app' | 'trigger'): SQL => eq(audit.recordedBy, recorder)
for (const recorder of ['app', 'trigger'] as const) {
  const records = await db.select().from(audit).where(by(recorder)).orderBy(audit.id)
  for (const { who, action, idItem, change } of records) {
    const item = idItem ?? '(every row)'
    console.log(`${recorder.toUpperCase()}:`, who ?? '(nobody)', action, item, change)
  }
}
