/**
 * A query's rows are all in memory before the first one is seen. A million of them need not be: a cursor brings some, and
 * more when those are done with. Drizzle writes the statement, and the driver does the rest.
 */
import { createInterface } from 'node:readline'
import { sql } from 'drizzle-orm'
import { openDatabase } from '../../db/pool.ts'

await using db = openDatabase()

// To insert a million items would take a while, so the query makes them up. A sequence counts as it does so.
await db.execute(sql`create sequence made`)
const query = db
  .select({
    number: sql`nextval('made')::int`.as('number'),
    name: sql`'Item ' || n`.as('name'),
  })
  .from(sql`generate_series(1, 1000000) as n`)
  .toSQL()

// The rows are the driver's own, not those that Drizzle would make of them: so each column has got a name above.
type Item = { number: number; name: string }
const rows = () => db.$client.unsafe<Item[]>(query.sql)
async function made(): Promise<number | undefined> {
  const [row] = await db.execute<{ made: number }>(sql`select last_value::int as made from made`)
  return row?.made
}

// A thousand rows at a time. The server makes the next thousand when the loop asks for them, so a
// slow reader slows the server down, and does not fill the memory.
for await (const batch of rows().cursor(1_000)) {
  console.log('IN HAND:', batch.length, 'MADE:', await made(), 'FIRST:', batch[0]?.name)
  if (batch[0]?.number === 2_001) break
}

// Leaving the loop closes the cursor: the other 997 000 rows are never made.
console.log('AFTER BREAK:', await made())

// Now all of them. The second half takes no more memory than the first half.
const memory = () => process.memoryUsage().heapUsed
let count = 0
let early = 0
let most = 0
for await (const batch of rows().cursor(1_000)) {
  count += batch.length
  most = Math.max(most, memory())
  if (count <= 500_000) early = most
}
console.log('BY CURSOR:', count, `rows in ${(most / early).toFixed(1)}x the memory`)

const all = await rows()
console.log('AT ONCE:', all.length, `rows in ${(memory() / early).toFixed(1)}x the memory`)

// COPY sends text, here CSV, as a Node.js stream: into a file, or, as here, line by line. Read it
// to its end, or its connection is never free again.
const csv = await db.$client`
  copy (select n, 'Item ' || n from generate_series(1, 1000000) as n) to stdout (format csv)`.readable()
let lines = 0
let last = ''
for await (const line of createInterface({ input: csv })) {
  lines += 1
  last = line
}
console.log('BY COPY:', lines, 'lines, the last one:', last)
