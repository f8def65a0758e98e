/** The table and the steps that the anomalies consist of. */
import { eq, type SQL, sql } from 'drizzle-orm'
import { integer, pgTable } from 'drizzle-orm/pg-core'
import type { Database } from '../../db/pool.ts'

/** Item 1 has 10 pieces, and item 2 has 20. */
export const stock = pgTable('stock', {
  id: integer('id').primaryKey(),
  pieces: integer('pieces').notNull(),
})

/** Three sessions, and the isolation level of their transactions. */
export interface Stage {
  ada: Database
  grace: Database
  alan: Database
  level: string
  /** Returns once the server has Grace's statement, and makes it wait for another session. */
  untilGraceWaits: () => Promise<void>
}

/** What can go wrong between transactions: its name, and steps that show whether it happens. */
export interface Anomaly {
  name: string
  happens: (stage: Stage) => Promise<boolean>
}

/** How many pieces of an item this session sees. */
export async function read(session: Database, id: number): Promise<number | undefined> {
  const [row] = await session.select().from(stock).where(eq(stock.id, id))
  return row?.pieces
}

/** The rows that this session sees: all of them, or those that meet a condition. */
export const readAll = (session: Database, condition?: SQL) =>
  session.select().from(stock).where(condition).orderBy(stock.id)

/** Sends an update. Its promise may be awaited later, when another session has let it go on. */
export const write = (session: Database, id: number, pieces: number) =>
  sent(session.update(stock).set({ pieces }).where(eq(stock.id, id)).execute())

/** Adds an item. */
export const add = (session: Database, id: number, pieces: number) =>
  session.insert(stock).values({ id, pieces })

/** Removes the items that meet a condition. Its promise may be awaited later, as with `write`. */
export const remove = (session: Database, condition: SQL) =>
  sent(session.delete(stock).where(condition).execute())

// An error that comes before the promise is awaited must not end the script: it is kept until then.
function sent<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

const begun = new Set<Database>()

/** Begins a transaction in each of the sessions. */
export async function begin(level: string, ...sessions: Database[]): Promise<void> {
  for (const session of sessions) {
    await session.execute(sql.raw(`begin isolation level ${level}`))
    begun.add(session)
  }
}

/** Commits the session's transaction. */
export async function commit(session: Database): Promise<void> {
  begun.delete(session)
  await session.execute(sql`commit`)
}

/** Undoes the session's transaction, if it is in one. */
export async function rollback(session: Database): Promise<void> {
  if (begun.delete(session)) await session.execute(sql`rollback`)
}
