/**
 * Two transactions at the same time see more of each other than one would think. How much is the isolation level,
 * and the default lets two programs overwrite each other's work. Here it happens, and is cured.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import { boolean, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorCode } from '../../db/error-code.ts'
import { openDatabase } from '../../db/pool.ts'

const stock = pgTable('stock', { item: text('item'), pieces: integer('pieces').notNull() })
const clerks = pgTable('clerks', { name: text('name'), present: boolean('present').notNull() })

await using db = openDatabase()
await createTables(db, { stock, clerks })
await db.insert(stock).values({ item: 'Pencil', pieces: 10 })
await db.insert(clerks).values([
  { name: 'Ada', present: true },
  { name: 'Grace', present: true },
])

type Level = 'read committed' | 'repeatable read' | 'serializable'
const nothing = async () => {}

// A sale reads how many there are and writes one less. What is done `meanwhile` is done in between.
const sell = (isolationLevel: Level, meanwhile: () => Promise<void> = nothing) =>
  db.transaction(
    async (tx) => {
      const [row] = await tx.select().from(stock)
      await meanwhile()
      await tx.update(stock).set({ pieces: (row?.pieces ?? 0) - 1 })
    },
    { isolationLevel },
  )

// Lost update: one sale happens in the middle of another one, and the two take one piece away.
await sell('read committed', () => sell('read committed'))
console.log('READ COMMITTED, two sold:', await db.select().from(stock))

// With repeatable read, the one that comes second is told that the row has changed since it was read.
const late = sell('repeatable read', () => sell('repeatable read'))
await late.catch((error) => console.log('REPEATABLE READ, one is refused:', errorCode(error)))

// It has to start again from its first read: the code is 40001, or 40P01 after a deadlock. A random
// pause keeps two that collided from colliding again.
async function withRetry(work: () => Promise<void>, attempts = 5): Promise<void> {
  try {
    await work()
  } catch (error) {
    const again = ['40001', '40P01'].includes(errorCode(error) ?? '')
    if (!again || attempts === 1) throw error
    await pause((Math.random() * 500) / attempts) // milliseconds: the limit grows
    await withRetry(work, attempts - 1)
  }
}
const disturbances = [() => sell('repeatable read'), () => sell('repeatable read')]
await withRetry(() => sell('repeatable read', disturbances.pop()))
console.log('WITH RETRY, three more sold:', await db.select().from(stock))

// A clerk may leave if another one stays. Each looks at both, and writes only a row of their own.
const leave = (name: string, isolationLevel: Level, meanwhile: () => Promise<void> = nothing) =>
  db.transaction(
    async (tx) => {
      const present = await tx.$count(clerks, eq(clerks.present, true))
      await meanwhile()
      if (present > 1) await tx.update(clerks).set({ present: false }).where(eq(clerks.name, name))
    },
    { isolationLevel },
  )

// Write skew: no row is written twice, so repeatable read has nothing against it. The shop is empty.
await leave('Ada', 'repeatable read', () => leave('Grace', 'repeatable read'))
console.log('REPEATABLE READ, present:', await db.$count(clerks, eq(clerks.present, true)))

// Both serializable: as if one ran after the other. Ada is refused, tries again, and has to stay.
await db.update(clerks).set({ present: true })
const graceLeaves = [() => leave('Grace', 'serializable')]
await withRetry(() => leave('Ada', 'serializable', graceLeaves.pop()))
console.log('SERIALIZABLE, present:', await db.$count(clerks, eq(clerks.present, true)))
