/**
 * A row that is locked is yours until your transaction ends. Others wait, or turn away, or take the next one. The
 * last makes a queue of jobs out of a table; the first, done carelessly, makes a deadlock.
 */
import { asc, eq, isNull } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../db/create-tables.ts'
import { errorCode } from '../db/error-code.ts'
import { openDatabase, type Transaction } from '../db/pool.ts'
import { untilWaiting } from '../db/until-waiting.ts'

const jobs = pgTable('jobs', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  doneBy: text('done_by'),
})

await using db = openDatabase()
await createTables(db, { jobs })
await db.insert(jobs).values(Array.from({ length: 12 }, () => ({})))

// The next job that is neither done nor locked. It stays locked while it is worked at, and nobody waits.
const doNext = (worker: string, work = async () => {}) =>
  db.transaction(async (tx) => {
    const next = tx.select().from(jobs).where(isNull(jobs.doneBy)).orderBy(asc(jobs.id)).limit(1)
    const [job] = await next.for('update', { skipLocked: true })
    if (!job) return false
    await work()
    await tx.update(jobs).set({ doneBy: worker }).where(eq(jobs.id, job.id))
    return true
  })

// While Ada is at the first job, Grace gets the second one. Ada fails, so her job is free again.
const ada = doNext('Ada', async () => {
  await doNext('Grace')
  throw new Error('no ink')
})
await ada.catch((error: Error) => console.log('ADA:', error.message))
console.log('DONE:', await db.select().from(jobs).where(eq(jobs.doneBy, 'Grace')))

// Three workers, until nothing is left: every job is done, and none of them twice.
async function workThrough(worker: string): Promise<number> {
  let done = 0
  while (await doNext(worker)) done += 1
  return done
}
const done = await Promise.all(['Ada', 'Grace', 'Alan'].map(workThrough))
console.log(
  'DONE BY ALL THREE:',
  done.reduce((sum, count) => sum + count),
)
console.log('LEFT:', await db.$count(jobs, isNull(jobs.doneBy)))

// Without `skipLocked` a second one would wait. With `noWait` it is told instead.
const lock = (tx: Transaction, id: number, options = {}) =>
  tx.select().from(jobs).where(eq(jobs.id, id)).for('update', options)
await db.transaction(async (tx) => {
  await lock(tx, 1)
  const second = db.transaction((other) => lock(other, 1, { noWait: true }))
  await second.catch((error) => console.log('NO WAIT:', errorCode(error)))
})

// Two transactions, the second of which begins when the first one has locked one row, and is waited for.
async function lockPairs([a, b]: [number, number], [c, d]: [number, number]): Promise<string[]> {
  let second: Promise<unknown> = Promise.resolve()
  const first = db.transaction(async (tx) => {
    await lock(tx, a)
    second = db.transaction(async (other) => [await lock(other, c), await lock(other, d)])
    second.catch(() => {}) // looked at below
    await untilWaiting(db)
    await lock(tx, b)
  })
  await first.catch(() => {})
  const outcomes = await Promise.allSettled([first, second])
  return outcomes.map((end) => (end.status === 'fulfilled' ? 'done' : `${errorCode(end.reason)}`))
}

// Each has what the other one wants: the server notices, and ends one of them. In the same order, one waits.
console.log('CROSSWISE:', (await lockPairs([1, 2], [2, 1])).sort())
console.log('IN THE SAME ORDER:', await lockPairs([1, 2], [1, 2]))
