/**
 * What a query does, only a database can tell; so tests should talk to one, and each should find it clean. The tests are
 * in items.test.ts. This runs them as `node --test` would, and prints how each of them went.
 */
import { run } from 'node:test'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('./items.test.ts', import.meta.url))

// The tests run in a process of their own. What comes back is a stream of events.
for await (const { type, data } of run({ files: [file] })) {
  if (type === 'test:stderr') process.stderr.write(data.message)
  if (type === 'test:pass') console.log('PASSED:', data.name)
  if (type === 'test:fail') {
    console.log('FAILED:', data.name, `(${reason(data.details.error)})`)
    process.exitCode = 1
  }
}

// The test runner wraps what was thrown, and Drizzle what the driver threw.
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : reason(error.cause)
}
