/**
 * A row that is locked is yours until your transaction ends. Others wait, or turn away, or take the next one. The
 * last makes a queue of jobs out of a table; the first, done carelessly, makes a deadlock.
 */
import { and, eq, isNull, lt } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorCode } from '../../db/error-code.ts'
import { openDatabase, type Transaction } from '../../db/pool.ts'
import { untilWaiting } from '../shared/until-waiting.ts'

const jobs = pgTable('jobs', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  doneBy: text('done_by'),
  failures: integer('failures').notNull().default(0),
})
await using db = openDatabase()
await createTables(db, { jobs })
await db.insert(jobs).values(Array.from({ length: 12 }, () => ({})))

// The next open job that no other worker has locked. A job that fails goes behind the others.
const open = and(isNull(jobs.doneBy), lt(jobs.failures, 3))
const doNext = (worker: string, work: (tx: Transaction) => Promise<void> = async () => {}) =>
  db.transaction(async (tx) => {
    const next = tx.select().from(jobs).where(open).orderBy(jobs.failures, jobs.id).limit(1)
    const [job] = await next.for('update', { skipLocked: true })
    if (!job) return false
    const attempt = tx.transaction(async (inner) => {
      await work(inner)
      await inner.update(jobs).set({ doneBy: worker }).where(eq(jobs.id, job.id))
    })
    const failures = job.failures + 1
    await attempt.catch(async (error) => {
      console.log(`JOB ${job.id}, ${worker}:`, errorCode(error) ?? String(error))
      await tx.update(jobs).set({ failures }).where(eq(jobs.id, job.id))
    })
    return true
  })

// While Ada is at the first job, Grace gets the second one. Ada fails, so her next job is the third.
await doNext('Ada', async () => {
  await doNext('Grace')
  throw new Error('no ink')
})
await doNext('Ada')
console.log('JOBS:', await db.select().from(jobs).where(lt(jobs.id, 4)).orderBy(jobs.id))

// Three workers, until nothing is left: every job is done, and none of them twice.
let attempts = 0
const workThrough = async (worker: string) => {
  while (await doNext(worker)) attempts += 1
}
await Promise.all(['Ada', 'Grace', 'Alan'].map(workThrough))
console.log('ATTEMPTS BY ALL:', attempts, 'LEFT:', await db.$count(jobs, isNull(jobs.doneBy)))

// Without `skipLocked` a second one would wait. With `noWait` it is told instead.
const lock = (tx: Transaction, id: number, options = {}) =>
  tx.select().from(jobs).where(eq(jobs.id, id)).for('update', options)
await db.transaction(async (tx) => {
  await lock(tx, 1)
  const second = db.transaction((other) => lock(other, 1, { noWait: true }))
  await second.catch((error) => console.log('NO WAIT:', errorCode(error)))
})

// The second starts once the first holds a row; the first continues once the second is blocked.
async function lockPairs([a, b]: [number, number], [c, d]: [number, number]) {
  let second: Promise<unknown> = Promise.resolve()
  const first = db.transaction(async (tx) => {
    await lock(tx, a)
    const pair = db.transaction(async (other) => [await lock(other, c), await lock(other, d)])
    second = pair.then(() => 'done', errorCode)
    await untilWaiting(db)
    await lock(tx, b)
  })
  return [await first.then(() => 'done', errorCode), await second]
}

// Each wants what the other holds: the server ends one of them. In the same order, one waits.
console.log('CROSSWISE:', (await lockPairs([1, 2], [2, 1])).sort())
console.log('IN THE SAME ORDER:', await lockPairs([1, 2], [1, 2]))
