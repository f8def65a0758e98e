/**
 * Two transactions that lock the same rows in opposite order can end up waiting for each other.
 * PostgreSQL notices, and makes one of them fail. If everybody locks in the same order, this
 * does not happen.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { eq, inArray, sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorCode } from '../../db/error-code.ts'
import { type Database, openDatabase } from '../../db/pool.ts'

const stock = pgTable('stock', {
  item: text('item').primaryKey(),
  pieces: integer('pieces').notNull(),
})

// Two clerks, each with a connection of their own.
await using ada = openDatabase({ max: 1, applicationName: 'ada' })
await using grace = openDatabase({ max: 1, applicationName: 'grace' })
await createTables(ada, { stock })
await ada.insert(stock).values(['Notebook', 'Pencil'].map((item) => ({ item, pieces: 10 })))
console.log('IN STOCK:', await ada.select().from(stock).orderBy(stock.item))

const oneLess = { pieces: sql`${stock.pieces} - 1` }
const take = (clerk: Database, item: string) =>
  clerk.update(stock).set(oneLess).where(eq(stock.item, item)).execute()

// Both sell a pencil and a notebook, but in opposite order. They begin and commit by hand, so that
// you can read their steps in order. After a second of waiting, each session looks for a deadlock,
// and the first to find it fails. In real life that is a matter of chance. Here Ada begins to wait
// 200 milliseconds before Grace, so that it is Ada who fails.
await ada.execute(sql`begin`)
await grace.execute(sql`begin`)
await take(ada, 'Pencil')
await take(grace, 'Notebook')
const adaTakes = take(ada, 'Notebook').then(() => 'done', errorCode)
await pause(200)
const graceTakes = take(grace, 'Pencil').then(() => 'done', errorCode)
const answers = { ada: await adaTakes, grace: await graceTakes }
await ada.execute(sql`rollback`)
await grace.execute(sql`commit`)
console.log('IN OPPOSITE ORDER:', answers)

// A program locks all the rows that it is going to change, always in the same order, and then
// changes them. One of the two clerks waits, and both succeed.
const sell = (clerk: Database, items: string[]) =>
  clerk.transaction(async (tx) => {
    const these = inArray(stock.item, items)
    await tx.select().from(stock).where(these).orderBy(stock.item).for('no key update')
    await tx.update(stock).set(oneLess).where(these)
  })
await Promise.all([sell(ada, ['Pencil', 'Notebook']), sell(grace, ['Notebook', 'Pencil'])])
console.log('IN THE SAME ORDER:', await ada.select().from(stock).orderBy(stock.item))
