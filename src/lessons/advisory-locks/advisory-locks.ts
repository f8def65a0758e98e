/**
 * Some work must not be done twice at the same time: the nightly invoices, a migration. No row
 * stands for such work, so PostgreSQL can lock a number, for all processes and machines alike.
 */
import { sql } from 'drizzle-orm'
import { type Database, openDatabase, type Transaction } from '../../db/pool.ts'

// Two programs, each with a connection of its own.
await using ada = openDatabase({ max: 1, applicationName: 'ada' })
await using grace = openDatabase({ max: 1, applicationName: 'grace' })

// The lock is on a number. A name is easier to remember, and hashtext turns it into a number.
const key = sql`hashtext('send invoices')`

// Takes the lock until the transaction ends, or reports that somebody else has it.
async function tryLock(on: Database | Transaction): Promise<boolean> {
  const [row] = await on.execute<{ got: boolean }>(
    sql`select pg_try_advisory_xact_lock(${key}) as got`,
  )
  return row?.got === true
}

// Ada has the lock, so Grace is turned away. Ada begins and commits by hand, to show each step.
await ada.execute(sql`begin`)
const tried = { ada: await tryLock(ada), grace: await tryLock(grace) }
await ada.execute(sql`commit`)
console.log('TURNED AWAY:', tried)

// Without `try`, Grace waits until Ada's transaction has ended.
const lock = sql`select pg_advisory_xact_lock(${key})`
await ada.execute(sql`begin`)
await ada.execute(lock)
const graceWaits = grace.execute(lock).execute()
await ada.execute(sql`commit`)
await graceWaits
console.log('IN TURN: first Ada, then Grace')

// A program works in the transaction that has the lock. If the work fails, the lock ends too.
const onlyOne = (db: Database, work: (tx: Transaction) => Promise<void>): Promise<boolean> =>
  db.transaction(async (tx) => {
    const isMine = await tryLock(tx)
    if (isMine) await work(tx)
    return isMine
  })
await onlyOne(ada, () => Promise.reject(new Error('no paper'))).catch(() => {})
console.log('AFTER A FAILURE, GRACE:', await onlyOne(grace, async () => {}))

// A transaction should not stay open for hours. The other kind of lock belongs to a connection:
// reserve one, in a pool of its own. When that pool closes, the lock ends with the connection.
{
  await using holder = openDatabase({ max: 1, applicationName: 'holder' })
  const connection = await holder.$client.reserve()
  try {
    await connection`select pg_advisory_lock(hashtext('send invoices'))`
    console.log('HELD BY A CONNECTION, GRACE:', await tryLock(grace))
  } finally {
    connection.release()
  }
}
console.log('AFTER ITS END, GRACE:', await tryLock(grace))
