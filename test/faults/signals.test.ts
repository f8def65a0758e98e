/** Signals to the program, and to the server, at the start of a run, in its middle and at its end. */
import assert from 'node:assert/strict'
import { fault, projectWithServer, signalAtEachMoment } from './fault.ts'

const shop = projectWithServer()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
  fault(shop, `${signal} to the program, at any moment`, async () => {
    const [first, ...others] = await signalAtEachMoment(shop, signal)
    const said = (stderr: string) => stderr.replace(/^-- .*\n/gm, '')
    for (const { stderr } of others) assert.equal(said(stderr), said(first.stderr))
    return first
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
