/**
 * Some work must not be done twice at the same time: the nightly invoice, a migration. There is no row to lock for
 * it, so PostgreSQL has locks on plain numbers. They hold across processes and machines, and go with their owner.
 */
import { sql } from 'drizzle-orm'
import { openDatabase, type Transaction } from '../../db/pool.ts'
import { untilWaiting } from '../shared/until-waiting.ts'

await using db = openDatabase()

// The lock is on a number; a name is easier to remember.
const key = sql`hashtext('send invoices')`

/** Takes the lock until the transaction ends, if it is free. */
async function tryLock(tx: Transaction): Promise<boolean> {
  const [row] = await tx.execute<{ got: boolean }>(
    sql`select pg_try_advisory_xact_lock(${key}) as got`,
  )
  return row?.got === true
}

/** Does the work unless somebody is at it already. */
const onlyOnce = (name: string, work = async () => {}) =>
  db.transaction(async (tx) => {
    if (!(await tryLock(tx))) return console.log(`${name}: somebody is at it`)
    console.log(`${name}: begins`)
    await work()
    console.log(`${name}: has done it`)
  })

// While the first one works, a second one is turned away. Afterwards the way is free.
await onlyOnce('FIRST', () => onlyOnce('SECOND'))
await onlyOnce('THIRD')

// Whoever fails gives the lock up like everything else that the transaction had.
await onlyOnce('FOURTH', async () => {
  throw new Error('out of paper')
}).catch((error: Error) => console.log('FOURTH:', error.message))
await onlyOnce('FIFTH')

// One can also wait for it: both do their work, one after the other.
const steps: string[] = []
const inTurn = (name: string, work = async () => {}) =>
  db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${key})`)
    steps.push(`${name} begins`)
    await work()
    steps.push(`${name} ends`)
  })
let second: Promise<void> = Promise.resolve()
await inTurn('first', async () => {
  second = inTurn('second')
  await untilWaiting(db)
})
await second
console.log('IN TURN:', steps)

// A lock without a transaction belongs to a connection. Give it a pool of its own: when the pool
// closes, the lock is gone, whatever happened before. The wait for the lock can fail too, so it is
// inside the try.
{
  await using holder = openDatabase({ max: 1 })
  const connection = await holder.$client.reserve()
  try {
    await connection`select pg_advisory_lock(hashtext('send invoices'))`
    await onlyOnce('SIXTH')
  } finally {
    connection.release()
  }
}
await onlyOnce('SEVENTH')
