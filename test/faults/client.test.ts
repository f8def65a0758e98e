/** The program asks for more than there is, or is killed itself. */
import assert from 'node:assert/strict'
import { noDocker, run, settings } from '../support.ts'
import { fault, projectWithServer } from './fault.ts'

const shop = projectWithServer()

fault(shop, 'slow queries have every connection of the pool', () => {
  // One more holds a lock, and gives it up when all ten wait for it.
  shop.write(
    "import { untilWaiting } from '../shared/until-waiting.ts'",
    'await using other = openDatabase()',
    'let slow: Promise<unknown>[] = []',
    'let last: Promise<unknown> | undefined',
    'await other.transaction(async (tx) => {',
    '  await tx.execute(sql`select pg_advisory_xact_lock(1)`)',
    '  slow = Array.from({ length: 10 }, () => db.execute(sql`select pg_advisory_lock_shared(1)`).then(() => 1))',
    '  await untilWaiting(other, 10)',
    "  last = db.execute(sql`select 'answered, after them' as answer`).then(([row]) => console.log(row?.answer))",
    '})',
    'await Promise.all([...slow, last])',
  )
  return shop.run()
})

fault(shop, '10 000 queries at once, on a pool of 10', () => {
  shop.write(
    'const answers = await Promise.all(',
    `  Array.from({ length: 10_000 }, (_, i) => db.execute<{ i: number }>(sql\`select \${i}::int as i\`)),`,
    ')',
    "console.log(answers.filter(([row], i) => row?.i === i).length, 'answers, each to its question')",
  )
  return shop.run()
})

fault(shop, 'more connections than the server allows', () => {
  shop.write(
    'await using large = openDatabase({ max: 200 })',
    'await Promise.all(Array.from({ length: 200 }, () => large.execute(sql`select pg_sleep(0.5)`)))',
  )
  return shop.run()
})

fault(shop, 'no file descriptors are left', () => {
  shop.write(
    "const { openSync } = await import('node:fs')",
    "try { for (;;) openSync('/dev/null') } catch {}",
    'await using other = openDatabase()',
    'await other.execute(sql`select 1`)',
  )
  // Enough to load all modules, of which Node opens many at the same time.
  return run(['bash', '-c', 'ulimit -n 500; exec ./manage.sh scratch'], {
    cwd: shop.project.folder,
    env: { ...noDocker, ...settings },
  })
})

fault(shop, 'the program is killed in a transaction', async () => {
  shop.write(
    'await db.execute(sql`create table kept (id int)`)',
    'await db.transaction(async (tx) => {',
    '  await tx.execute(sql`insert into kept values (1)`)',
    "  console.log('inside')",
    '  await tx.execute(sql`select pg_sleep(600)`)',
    '})',
  )
  const result = await shop.run({ when: { printed: 'inside', act: (kill) => kill('SIGKILL') } })
  // `lock table` waits until nobody has a lock on it.
  const rows = await shop.ask(
    (sql) =>
      sql.begin(async (tx) => {
        await tx`lock table kept`
        return tx`select * from kept`
      }),
    'shop_scratch',
  )
  assert.equal(rows.length, 0)
  return result
})

fault(shop, "the program's clock is a year ahead", async () => {
  shop.project.writeScript(
    'scratch',
    `const now = Date.now
Date.now = () => now() + 365 * 24 * 60 * 60 * 1000
await import('../models/models.ts')
`,
  )
  return shop.run()
})
