/**
 * Reads rows in a process of its own, and prints how many megabytes more it took than before:
 *
 *   bench/memory.ts cursor|all ROWS
 */
import { openDatabase } from '../src/db/pool.ts'

const [way, count] = process.argv.slice(2)
await using db = openDatabase()
const client = db.$client
const query = () =>
  client<{ n: number; name: string }[]>`
    select n, 'Item ' || n as name from generate_series(1, ${Number(count)}::int) as n`

await client`select 1`
const before = process.memoryUsage.rss()
let most = before
const look = () => {
  most = Math.max(most, process.memoryUsage.rss())
}
if (way === 'cursor') {
  for await (const _batch of query().cursor(1_000)) look()
} else {
  const rows = await query()
  look()
  if (rows.length !== Number(count)) throw new Error('rows are missing')
}
console.log((most - before) / 1e6)
