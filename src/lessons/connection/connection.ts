/**
 * A pool hands out connections; a transaction borrows one. Everything else in this course stands on
 * these two, so the first lesson does nothing but ask the server for the number one.
 */
import { sql } from 'drizzle-orm'
import { openDatabase } from '../../db/pool.ts'

// Lazy: no connection is made before the first query. Closed when this script ends, however it ends.
await using db = openDatabase()

// The callback is the transaction: it begins before it and commits after it. A throw would roll it back.
await db.transaction(async (tx) => {
  const [row] = await tx.execute<{ one: number }>(sql`select 1 as one`)
  console.log(`SELECT 1: ${row?.one}`)
})
