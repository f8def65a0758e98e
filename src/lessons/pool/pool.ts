/**
 * A connection is a process of the server, so there cannot be many. A pool has a few and lends them out; who finds
 * none waits in line. Mostly nobody notices. This lesson looks at the line, and at the one way to get stuck in it.
 */
import { once } from 'node:events'
import { sql } from 'drizzle-orm'
import type { PendingQuery, Row } from 'postgres'
import { errorCode } from '../../db/error-code.ts'
import { openDatabase } from '../../db/pool.ts'

// Who is connected? The server knows, and one more pool asks it.
await using watcher = openDatabase({ max: 1 })
async function connections(): Promise<string[]> {
  const rows = await watcher.execute<{ state: string }>(sql`
    select state from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
    order by state`)
  return rows.map(({ state }) => state)
}

// A new pool has no connection. The first query makes one, and it stays for the next.
const small = openDatabase({ max: 2 })
console.log('AT FIRST:', await connections())
await small.execute(sql`select 1`)
console.log('AFTER A QUERY:', await connections())

// Five queries at once on two connections: three wait, and all of them are answered.
const answers = await Promise.all(
  [1, 2, 3, 4, 5].map((number) =>
    small.execute<{ number: number }>(sql`select ${number}::int as number`),
  ),
)
console.log(
  'ANSWERS:',
  answers.map(([row]) => row?.number),
  'CONNECTIONS:',
  (await connections()).length,
)

// A transaction has its connection from beginning to end. Two transactions have both; each of them asks for
// one more, by the pool instead of by `tx`, and waits for the other one to give it back.
let inside = 0
const waiting: PendingQuery<Row[]>[] = []
const stuck = [1, 2].map(() =>
  small.transaction(async (tx) => {
    inside += 1
    while (inside < 2) await tx.execute(sql`select 'not yet'`)
    const query = small.$client`select 'this waits for ever'`
    waiting.push(query)
    await query
  }),
)
const outcomes = Promise.allSettled(stuck)
while (waiting.length < 2 || (await connections()).includes('active')) await connections()
console.log('STUCK:', await connections())

// Neither the driver nor the server ends this: to the server, both are just idle. So we do, and take the two
// queries out of the line. Their transactions fail, and give their connections back.
for (const query of waiting) query.cancel()
console.log(
  'ENDED:',
  (await outcomes).map((end) => (end.status === 'rejected' ? errorCode(end.reason) : 'done')),
)

// A service is told to stop by SIGTERM. It takes nothing new, lets finish what runs, and closes its pool. (It is
// `then` that sends the query; nobody awaits it yet.)
const stopped = once(process, 'SIGTERM').then(() => small.$client.end())
const last = small
  .execute<{ answer: string }>(sql`select pg_sleep(0.2), 'finished' as answer`)
  .then(([row]) => row?.answer)
while (!(await connections()).includes('active'));
process.kill(process.pid, 'SIGTERM')
await stopped
console.log('THE LAST QUERY:', await last)
await small.execute(sql`select 1`).catch((error) => console.log('ONE MORE:', errorCode(error)))
