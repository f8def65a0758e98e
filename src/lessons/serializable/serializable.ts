/**
 * Two transactions can break a rule together that neither of them breaks alone, though they write
 * different rows. PostgreSQL's serializable level refuses one of them: what is committed could have
 * happened one by one.
 */
import { eq, sql } from 'drizzle-orm'
import { boolean, pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorCode } from '../../db/error-code.ts'
import { type Database, openDatabase, type Transaction } from '../../db/pool.ts'

const clerks = pgTable('clerks', {
  name: text('name').primaryKey(),
  present: boolean('present').notNull(),
})

// Two clerks, each with a connection of her own. The rule: one may leave if another one stays.
await using ada = openDatabase({ max: 1, applicationName: 'ada' })
await using grace = openDatabase({ max: 1, applicationName: 'grace' })
await createTables(ada, { clerks })
await ada.insert(clerks).values([
  { name: 'Ada', present: true },
  { name: 'Grace', present: true },
])

const present = (on: Database | Transaction) => on.$count(clerks, eq(clerks.present, true))
const leave = (on: Database | Transaction, name: string) =>
  on.update(clerks).set({ present: false }).where(eq(clerks.name, name))
console.log('PRESENT:', await present(ada))

// Each checks that another one stays, and then leaves. They begin and commit by hand, so that you
// read their steps in order.
async function bothLeave(level: 'repeatable read' | 'serializable'): Promise<void> {
  await ada.execute(sql.raw(`begin isolation level ${level}`))
  await grace.execute(sql.raw(`begin isolation level ${level}`))
  const adaSaw = await present(ada)
  const graceSaw = await present(grace)
  if (adaSaw > 1) await leave(ada, 'Ada')
  await ada.execute(sql`commit`)
  if (graceSaw > 1) await leave(grace, 'Grace')
  await grace.execute(sql`commit`)
}

// Write skew: each writes only her own row, so repeatable read refuses nothing. The shop is empty.
await bothLeave('repeatable read')
console.log('REPEATABLE READ, present:', await present(ada))

// No order explains what both have read: whoever came second would have found only one clerk. So
// the server refuses one of them.
await ada.update(clerks).set({ present: true })
await bothLeave('serializable').catch(async (error) => {
  await grace.execute(sql`rollback`)
  console.log('SERIALIZABLE, Grace is refused:', errorCode(error))
})

// Grace tries again, as a program does: from the first read. Now she sees that she has to stay.
const mayLeave = await grace.transaction(
  async (tx) => {
    if ((await present(tx)) < 2) return false
    await leave(tx, 'Grace')
    return true
  },
  { isolationLevel: 'serializable' },
)
console.log('AGAIN, Grace may leave:', mayLeave, 'present:', await present(ada))
