/** Signals to the program, and to the server, at the start of a run, in its middle and at its end. */
import assert from 'node:assert/strict'
import type { Result } from '../support.ts'
import { fault, patient } from './fault.ts'

const shop = patient()

// What a run has printed at each moment. After `done` it waits for its last query before it closes the pool.
const moments = ['-- PostgreSQL', 'running', 'done']
const lines = [
  "console.log('running')",
  'void db.execute(sql`select pg_sleep(0.5)`).then()',
  "await db.execute(sql`select 'on another connection, while the first one sleeps'`)",
  "console.log('done')",
]

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
  fault(shop, `${signal} to the program, at any moment`, async () => {
    shop.write(...lines)
    const results: Result[] = []
    for (const printed of moments) {
      results.push(await shop.run({ when: { printed, act: (kill) => kill(signal) } }))
    }
    const [result] = results
    const [first, ...others] = results.map(({ code, signal, stderr }) => ({
      code,
      signal,
      said: stderr.replace(/^-- .*\n/gm, ''),
    }))
    for (const other of others) assert.deepEqual(other, first)
    assert.ok(result)
    return result
  })
}

const toTheServer = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const
for (const signal of toTheServer) {
  fault(shop, `${signal} to the server, in the middle of a query`, async () => {
    shop.write(
      "const [row] = await db.execute<{ answer: string }>(sql`select pg_sleep(1), 'answered' as answer`)",
      'console.log(row?.answer)',
    )
    const running = shop.run()
    await shop.until("query like '%pg_sleep%' and state = 'active'")
    process.kill(shop.serverPid(), signal)
    return running
  })
}
