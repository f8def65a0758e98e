/**
 * A constraint is a rule that no program can forget, because the database keeps it. Give each one a name: it is
 * what an error mentions, and what you will need in order to change it.
 */
import { sql } from 'drizzle-orm'
import { check, foreignKey, integer, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core'
import { createTables } from '../db/create-tables.ts'
import { openDatabase } from '../db/pool.ts'

const shelves = pgTable(
  'shelves',
  {
    room: text('room'),
    number: integer('number'),
    label: text('label'),
  },
  (table) => [
    // A key of two columns: a number alone may come back in another room.
    primaryKey({ name: 'shelves_pk', columns: [table.room, table.number] }),
    // Null is not equal to null, so many shelves may be without a label, unless one says otherwise.
    unique('shelves_label_unique').on(table.label).nullsNotDistinct(),
    // Any condition on one row.
    check('shelves_number_check', sql`${table.number} between 1 and 99`),
  ],
)

const boxes = pgTable(
  'boxes',
  {
    id: integer('id').primaryKey(),
    room: text('room'),
    shelf: integer('shelf'),
  },
  (table) => [
    // It refers to both columns of the key. What is to happen to the boxes is part of the rule.
    foreignKey({
      name: 'boxes_shelf_fk',
      columns: [table.room, table.shelf],
      foreignColumns: [shelves.room, shelves.number],
    })
      .onUpdate('cascade')
      .onDelete('set null'),
  ],
)

await using db = openDatabase()
await createTables(db, { shelves, boxes })

/** Runs a statement, and says which rule stopped it. */
async function attempt(label: string, statement: PromiseLike<unknown>): Promise<void> {
  const cause: unknown = await statement.then(
    () => undefined,
    (thrown) => thrown.cause,
  )
  const rule = cause instanceof Error && Reflect.get(cause, 'constraint_name')
  console.log(`${label}:`, rule ? `refused by ${rule}` : 'done')
}

await attempt('A SHELF', db.insert(shelves).values({ room: 'cellar', number: 1, label: 'ink' }))
await attempt('THE SAME SHELF', db.insert(shelves).values({ room: 'cellar', number: 1 }))
await attempt('THE SAME NUMBER', db.insert(shelves).values({ room: 'attic', number: 1 }))
await attempt('A SECOND WITHOUT LABEL', db.insert(shelves).values({ room: 'attic', number: 2 }))
await attempt('NUMBER 100', db.insert(shelves).values({ room: 'attic', number: 100, label: 'x' }))

await attempt('A BOX', db.insert(boxes).values({ id: 1, room: 'cellar', shelf: 1 }))
await attempt('A BOX NOWHERE', db.insert(boxes).values({ id: 2, room: 'cellar', shelf: 7 }))

// The shelf gets another number, and the box goes with it; the shelf goes, and the box stands free.
await attempt('RENUMBER', db.update(shelves).set({ number: 5 }).where(sql`room = 'cellar'`))
console.log('BOXES:', await db.select().from(boxes))
await attempt('REMOVE', db.delete(shelves).where(sql`room = 'cellar'`))
console.log('BOXES:', await db.select().from(boxes))
