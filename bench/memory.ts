/**
 * Reads rows in a process of its own, and prints how many megabytes of them it held at most: what is left after
 * the garbage is collected, ten times on the way.
 *
 *   node --expose-gc bench/memory.ts cursor|all ROWS
 */
import { openDatabase } from '../src/db/pool.ts'

const [way, count] = process.argv.slice(2)
const total = Number(count)
await using db = openDatabase()
const client = db.$client
const query = () => client`
  select n, 'Item ' || n as name from generate_series(1, ${total}::int) as n`

function held(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

await client`select 1`
const before = held()
let most = before
let seen = 0
if (way === 'cursor') {
  for await (const batch of query().cursor(1_000)) {
    seen += batch.length
    if (seen % (total / 10) === 0) most = Math.max(most, held())
  }
} else {
  const rows = await query()
  most = held()
  seen = rows.length
}
if (seen !== total) throw new Error('rows are missing')
console.log((most - before) / 1e6)
