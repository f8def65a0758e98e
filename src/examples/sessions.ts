/**
 * To hand `tx` to every function is safe, and in the way. A session finds the right one by itself: each task has its
 * own, and whoever is called from it, however deep, works in the same transaction. Node keeps track of the
 * task, as `current_task` does for SQLAlchemy's `async_scoped_session`.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { sql } from 'drizzle-orm'
import { createTables } from '../db/create-tables.ts'
import { type Database, openDatabase, type Transaction } from '../db/pool.ts'
import { items } from '../db/schema/items.ts'

await using db = openDatabase()
await createTables(db, { items })

// The whole of it: what belongs to the current task, and how to begin something new in it.
const current = new AsyncLocalStorage<Transaction>()
const session = (): Database | Transaction => current.getStore() ?? db
const transactional = <T>(work: () => Promise<T>): Promise<T> =>
  session().transaction((tx) => current.run(tx, work))

// The functions of a program take no `tx`. They ask for the session where they need it.
async function addItem(name: string): Promise<void> {
  await session().insert(items).values({ name })
}
async function connectionId(): Promise<number> {
  const [row] = await session().execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
  return row?.pid ?? 0
}

// Three tasks at the same time: each has a connection to itself, and keeps it.
const tasks = await Promise.all(
  ['Pencil', 'Notebook', 'Pen'].map((name) =>
    transactional(async () => {
      const before = await connectionId()
      await addItem(name)
      return { before, after: await connectionId() }
    }),
  ),
)
console.log('CONNECTIONS:', new Set(tasks.map(({ before }) => before)).size)
console.log(
  'EACH KEPT ITS OWN:',
  tasks.every(({ before, after }) => before === after),
)

// An error undoes what its own task has done, and nothing of the others.
const results = await Promise.allSettled([
  transactional(() => addItem('Eraser')),
  transactional(async () => {
    await addItem('Ruler')
    throw new Error('changed my mind')
  }),
])
console.log(
  'TASKS:',
  results.map(({ status }) => status),
  'ITEMS:',
  await db.$count(items),
)

// Within a transaction it is a savepoint: nobody has to know whether there is one around already.
await transactional(async () => {
  await addItem('Glue')
  await transactional(async () => {
    await addItem('Tape')
    throw new Error('no tape')
  }).catch((error: Error) => console.log('INNER:', error.message))
})

// Outside of any, each statement stands for itself.
await addItem('String')
const rows = await session().select({ name: items.name }).from(items).orderBy(items.name)
console.log('ITEMS:', rows.map(({ name }) => name).join(', '))
