/**
 * A column that takes one of a few words can be an enum, a type of its own in the database, or a text with a
 * check. Both keep nonsense out. They differ when the list changes.
 */
import { sql } from 'drizzle-orm'
import { check, integer, pgEnum, pgTable, varchar } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorMessage } from '../../db/error-code.ts'
import { openDatabase } from '../../db/pool.ts'

const sizes = ['small', 'large'] as const
const size = pgEnum('size', sizes)

// The same list twice: for TypeScript, both columns are 'small' | 'large'.
const parcels = pgTable(
  'parcels',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    byEnum: size('by_enum').notNull(),
    byCheck: varchar('by_check', { length: 10, enum: sizes }).notNull(),
  },
  (table) => [check('by_check_is_a_size', sql`${table.byCheck} in ('small', 'large')`)],
)

await using db = openDatabase()
for (const statement of await createTables(db, { parcels })) console.log(statement)

/** Runs a statement, and says how it went. */
async function attempt(label: string, statement: ReturnType<typeof sql>): Promise<void> {
  const outcome = await db.execute(statement).then(() => 'done', errorMessage)
  console.log(`${label}:`, outcome)
}

// TypeScript refuses other words. So does the database, each column in its own way.
await attempt('ENUM', sql`insert into parcels (by_enum, by_check) values ('huge', 'small')`)
await attempt('CHECK', sql`insert into parcels (by_enum, by_check) values ('small', 'huge')`)

// An enum sorts in the order of its list; a text sorts by its letters.
await db.insert(parcels).values([
  { byEnum: 'large', byCheck: 'large' },
  { byEnum: 'small', byCheck: 'small' },
])
const sorted = (column: typeof parcels.byEnum | typeof parcels.byCheck) =>
  db.select({ size: column }).from(parcels).orderBy(column)
console.log('SORTED BY ENUM:', await sorted(parcels.byEnum))
console.log('SORTED BY CHECK:', await sorted(parcels.byCheck))

// A new word: the enum takes it at any place of its list, and keeps it for ever.
await attempt('ADD TO THE ENUM', sql`alter type size add value 'medium' before 'large'`)

// A check is replaced. This looks at every row, and can take a word away as well, if no row has it.
await attempt(
  'CHANGE THE CHECK',
  sql`alter table parcels drop constraint by_check_is_a_size,
    add constraint by_check_is_a_size check (by_check in ('small', 'medium', 'large'))`,
)

// Inside the transaction that adds it, an enum's new word cannot be used yet.
const early = db.transaction(async (tx) => {
  await tx.execute(sql`alter type size add value 'huge'`)
  await tx.execute(sql`insert into parcels (by_enum, by_check) values ('huge', 'large')`)
})
await early.catch((error) => console.log('USED AT ONCE:', errorMessage(error)))
