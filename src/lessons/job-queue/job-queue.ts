/**
 * A table can be a queue: many workers take jobs from it without waiting for each other. If a
 * worker dies, its job is free again without any cleanup: the lock ends with the transaction.
 */
import { and, eq, isNull, lt, sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorMessage } from '../../db/error-code.ts'
import { type Database, openDatabase, type Transaction } from '../../db/pool.ts'

const jobs = pgTable('jobs', {
  id: integer('id').primaryKey(),
  paper: text('paper').notNull(),
  doneBy: text('done_by'),
  failures: integer('failures').notNull().default(0),
  error: text('error'),
})

// Two workers, each with a connection of their own. The jobs are papers to print.
await using ada = openDatabase({ max: 1, applicationName: 'ada' })
await using grace = openDatabase({ max: 1, applicationName: 'grace' })
await createTables(ada, { jobs })
const papers = ['poster', 'label', 'invoice', 'letter', 'receipt']
await ada.insert(jobs).values(papers.map((paper, i) => ({ id: i + 1, paper })))
console.log('JOBS:', await ada.$count(jobs))

// The next open job that nobody has locked. A job that failed goes behind the others, and after
// three failures it is not taken again.
const nextJob = (worker: Database | Transaction) =>
  worker
    .select({ id: jobs.id, paper: jobs.paper })
    .from(jobs)
    .where(and(isNull(jobs.doneBy), lt(jobs.failures, 3)))
    .orderBy(jobs.failures, jobs.id)
    .limit(1)
    .for('update', { skipLocked: true })

// Ada has locked the first job. Grace does not wait for her, and gets the second. They begin and
// commit by hand, so that you can read their steps in order.
await ada.execute(sql`begin`)
await grace.execute(sql`begin`)
const taken = [...(await nextJob(ada)), ...(await nextJob(grace))]
await ada.execute(sql`commit`)
await grace.execute(sql`commit`)
console.log('TAKEN:', taken)

// A worker takes a job, marks it as done and does it, all in one transaction. The mark and the work
// have a savepoint: if the work fails, only what was written since then is undone. The transaction
// goes on, and counts the failure.
const printed: string[] = []
const workOnce = (worker: Database, name: string): Promise<boolean> =>
  worker.transaction(async (tx) => {
    const [job] = await nextJob(tx)
    if (!job) return false
    const thisJob = eq(jobs.id, job.id)
    try {
      await tx.transaction(async (inner) => {
        await inner.update(jobs).set({ doneBy: name }).where(thisJob)
        if (job.paper === 'poster') throw new Error('too large')
        printed.push(job.paper)
      })
    } catch (error) {
      const failed = { failures: sql`${jobs.failures} + 1`, error: errorMessage(error) }
      await tx.update(jobs).set(failed).where(thisJob)
    }
    return true
  })
await workOnce(ada, 'Ada')
const state = { doneBy: jobs.doneBy, failures: jobs.failures, error: jobs.error }
console.log('POSTER:', await ada.select(state).from(jobs).where(eq(jobs.id, 1)))

// Both work until there are no jobs left to take.
async function workAll(worker: Database, name: string): Promise<void> {
  let tookOne = true
  while (tookOne) tookOne = await workOnce(worker, name)
}
await Promise.all([workAll(ada, 'Ada'), workAll(grace, 'Grace')])
console.log('PRINTED:', printed.sort())
console.log('GIVEN UP:', await ada.$count(jobs, isNull(jobs.doneBy)))
