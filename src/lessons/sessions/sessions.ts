/**
 * Handing `tx` to every function is safe but clumsy. Here each task has a session, and a function
 * finds it, however deep the call, as in SQLAlchemy's `async_scoped_session`. Node tracks the task.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { sql } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { type Database, openDatabase, type Transaction } from '../../db/pool.ts'
import { items } from '../../db/schema/items.ts'

await using db = openDatabase()
await createTables(db, { items })

type Session = { tx: Transaction; state: 'open' | 'failed' | 'ended'; reason?: unknown }
const current = new AsyncLocalStorage<Session>()

/** The transaction of the current task, or the pool if it has none. Throws if the transaction is over. */
function session(): Database | Transaction {
  const { tx = db, state = 'open', reason: cause } = current.getStore() ?? {}
  if (state !== 'open') throw new Error(`The transaction has ${state} already.`, { cause })
  return tx
}

/** Runs `work` in a transaction: that of the current task, or else a new one. */
async function transactional<T>(work: () => Promise<T>): Promise<T> {
  const outer = current.getStore()
  if (outer) {
    try {
      return await work()
    } catch (error) {
      Object.assign(outer, { state: 'failed', reason: outer.reason ?? error }) // the first error
      throw error
    }
  }
  return db.transaction(async (tx) => {
    const mine: Session = { tx, state: 'open' }
    try {
      const result = await current.run(mine, work)
      if (mine.state === 'failed') throw new Error('A part has failed.', { cause: mine.reason })
      return result
    } finally {
      mine.state = 'ended'
    }
  })
}

// The functions of a program take no `tx`. They ask for the session where they need it.
async function addItem(name: string): Promise<void> {
  await session().insert(items).values({ name })
}
async function connectionId(): Promise<number> {
  const [row] = await session().execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
  return row?.pid ?? 0
}

// Three tasks at the same time, each on its own connection. An error undoes only its own task.
const connections = new Set<number>()
const tasks = ['Pencil', 'Ruler', 'Pen'].map((name) =>
  transactional(async () => {
    connections.add(await connectionId())
    await addItem(name)
    connections.add(await connectionId())
    if (name === 'Ruler') throw new Error('changed my mind')
  }),
)
const statuses = (await Promise.allSettled(tasks)).map(({ status }) => status)
console.log('CONNECTIONS:', connections.size, 'TASKS:', statuses)

// A nested call joins: if a part fails, the whole transaction fails, even if the error is caught.
const paper = transactional(async () => {
  await addItem('Paper')
  const glue = transactional(() => Promise.reject(new Error('no glue')))
  await glue.catch((error: Error) => console.log('PART:', error.message))
})
await paper.catch((error: Error) => console.log('WHOLE:', error.message))

// Outside of any, each statement stands for itself.
await addItem('String')
const rows = await session().select({ name: items.name }).from(items).orderBy(items.name)
console.log('ITEMS:', rows.map(({ name }) => name).join(', '))
