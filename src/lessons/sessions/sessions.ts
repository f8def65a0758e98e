/**
 * Passing `tx` to every function is safe but clumsy. Here a function finds the transaction of its
 * task, however deep the call, as in SQLAlchemy's `async_scoped_session`. Node tracks the task.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorMessage } from '../../db/error-code.ts'
import { type Database, openDatabase, type Transaction } from '../../db/pool.ts'

const items = pgTable('items', { name: text('name').notNull() })
await using db = openDatabase()
await createTables(db, { items })

type Session = { tx: Transaction; closed?: Error } // closed: why no statement may follow
const current = new AsyncLocalStorage<Session>()

/** The transaction of the current task, or else the pool. Throws if the transaction is closed. */
function session(): Database | Transaction {
  const { tx = db, closed } = current.getStore() ?? {}
  if (closed) throw new Error('No statement may follow.', { cause: closed })
  return tx
}

/** Runs `work` in a transaction: in that of the current task, or else in a new one. */
async function transactional<T>(work: () => Promise<T>): Promise<T> {
  const outer = current.getStore()
  if (outer) {
    try {
      return await work()
    } catch (error) {
      outer.closed ??= new Error('A part of the transaction failed.', { cause: error })
      throw error
    }
  }
  return db.transaction(async (tx) => {
    const mine: Session = { tx }
    try {
      const result = await current.run(mine, work)
      if (mine.closed) throw mine.closed
      return result
    } finally {
      mine.closed ??= new Error('The transaction has ended.')
    }
  })
}

// The functions of a program take no `tx`. Outside a transaction, each statement is one of its own.
const addItem = async (name: string) => void (await session().insert(items).values({ name }))
await Promise.all([addItem('Pencil'), addItem('Pen')])
console.log('OUTSIDE, items:', await db.$count(items))

// Two tasks at the same time, each on a connection of its own. An error undoes only its own task.
const addTwo = async (name: string) => {
  await addItem(name)
  await addItem(`${name}, large`)
  if (name === 'Eraser') throw new Error('changed my mind')
}
const tasks = ['Ruler', 'Eraser'].map((name) => transactional(() => addTwo(name)))
const ends = (await Promise.allSettled(tasks)).map(({ status }) => status)
console.log('TWO TASKS:', ends.join(', '), 'items:', await db.$count(items))

// A nested call joins: if a part fails, the whole transaction fails, even if the error is caught.
const whole = transactional(async () => {
  await addItem('Paper')
  await transactional(() => addTwo('Eraser')).catch(() => {})
})
await whole.catch(async (error) =>
  console.log(`A PART FAILED (${errorMessage(error)}), items:`, await db.$count(items)),
)
