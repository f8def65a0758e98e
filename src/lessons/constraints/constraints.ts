/**
 * A constraint is a rule that no program can forget, because the database keeps it. Give each one a name: it is
 * what an error mentions, and what you will need in order to change it.
 */
import { DrizzleQueryError, sql } from 'drizzle-orm'
import { check, foreignKey, integer, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core'
import postgres from 'postgres'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'

const shelves = pgTable(
  'shelves',
  {
    room: text('room').notNull(),
    number: integer('number').notNull(),
    label: text('label'),
  },
  (table) => [
    // A key of two columns: the same number may occur in another room. A primary key allows no
    // null; `notNull` tells TypeScript so.
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
    // A foreign key with a null in one column is not checked, so allow both null, or neither.
    check('boxes_place_check', sql`(${table.room} is null) = (${table.shelf} is null)`),
  ],
)

await using db = openDatabase()
await createTables(db, { shelves, boxes })

/** Runs a statement, and says which rule stopped it. */
async function attempt(label: string, statement: PromiseLike<unknown>): Promise<void> {
  try {
    await statement
    console.log(`${label}: done`)
  } catch (error) {
    const cause = error instanceof DrizzleQueryError ? error.cause : undefined
    if (!(cause instanceof postgres.PostgresError) || !cause.constraint_name) throw error
    console.log(`${label}: refused by ${cause.constraint_name}`)
  }
}

await attempt('A SHELF', db.insert(shelves).values({ room: 'cellar', number: 1, label: 'ink' }))
await attempt('THE SAME SHELF', db.insert(shelves).values({ room: 'cellar', number: 1 }))
await attempt('THE SAME NUMBER', db.insert(shelves).values({ room: 'attic', number: 1 }))
await attempt('A SECOND WITHOUT LABEL', db.insert(shelves).values({ room: 'attic', number: 2 }))
await attempt('NUMBER 100', db.insert(shelves).values({ room: 'attic', number: 100, label: 'x' }))

await attempt('A BOX', db.insert(boxes).values({ id: 1, room: 'cellar', shelf: 1 }))
await attempt('A BOX NOWHERE', db.insert(boxes).values({ id: 2, room: 'cellar', shelf: 7 }))
await attempt('HALF A PLACE', db.insert(boxes).values({ id: 3, room: 'nowhere' }))

// The shelf gets another number, and the box goes with it; the shelf goes, and the box stands free.
await attempt('RENUMBER', db.update(shelves).set({ number: 5 }).where(sql`room = 'cellar'`))
console.log('BOXES:', await db.select().from(boxes))
await attempt('REMOVE', db.delete(shelves).where(sql`room = 'cellar'`))
console.log('BOXES:', await db.select().from(boxes))
