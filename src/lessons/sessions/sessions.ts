/**
 * To hand `tx` to every function is safe, and in the way. A session finds the right one by itself: each task has its
 * own, and whoever is called from it, however deep, works in the same transaction. Node keeps track of the
 * task, as `current_task` does for SQLAlchemy's `async_scoped_session`.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { sql } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { type Database, openDatabase, type Transaction } from '../../db/pool.ts'
import { items } from '../../db/schema/items.ts'

await using db = openDatabase()
await createTables(db, { items })

type Session = { tx: Transaction; state: 'open' | 'failed' | 'ended' }
const current = new AsyncLocalStorage<Session>()

/** The transaction of the current task, or the pool if it has none. Throws if the transaction is over. */
function session(): Database | Transaction {
  const mine = current.getStore()
  if (mine && mine.state !== 'open') throw new Error(`The transaction has ${mine.state} already.`)
  return mine?.tx ?? db
}

/** Runs `work` in a transaction: that of the current task, or else a new one. */
async function transactional<T>(work: () => Promise<T>): Promise<T> {
  const outer = current.getStore()
  if (outer) {
    return work().catch((error: unknown) => {
      outer.state = 'failed' // even if the caller catches the error
      throw error
    })
  }
  return db.transaction(async (tx) => {
    const mine: Session = { tx, state: 'open' }
    try {
      const result = await current.run(mine, work)
      if (mine.state === 'failed') throw new Error('A part of the transaction has failed.')
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

// Three tasks at the same time, each on a connection of its own. An error undoes what its own task has done.
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

// Within a transaction it joins the one that is there: if a part fails, all of it fails, whoever catches the error.
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
