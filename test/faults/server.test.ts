/** The server goes away, comes back, or has no room left. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { hasProgram, temporaryFolder } from '../support.ts'
import { fault, projectWithServer } from './fault.ts'

const shop = projectWithServer()

const moments = {
  'in the middle of a query': {
    lines: ['await db.execute(sql`select pg_sleep(600)`)'],
    reached: "query like '%pg_sleep%' and state = 'active'",
  },
  'in the middle of a transaction': {
    lines: [
      'await db.execute(sql`create table kept (id int)`)',
      'await db.transaction(async (tx) => {',
      '  await tx.execute(sql`insert into kept values (1)`)',
      '  await tx.execute(sql`select pg_sleep(600)`)',
      '})',
    ],
    reached: "query like '%pg_sleep%' and state = 'active'",
  },
  'in the middle of a COPY': {
    lines: [
      "import { pipeline } from 'node:stream/promises'",
      'await db.execute(sql`create table kept (id int)`)',
      'const copy = await db.$client`copy kept from stdin`.writable()',
      "await pipeline(async function* () { yield '1\\n'; await new Promise(() => {}) }, copy)",
    ],
    // What a killed server has not read would make another error of it.
    reached: 'pid in (select pid from pg_stat_progress_copy where bytes_processed > 0)',
  },
}

for (const [moment, { lines, reached }] of Object.entries(moments)) {
  fault(shop, `the server is killed ${moment}`, async () => {
    shop.write(...lines)
    const running = shop.run()
    await shop.until(reached)
    process.kill(shop.serverPid(), 'SIGKILL')
    const result = await running
    await shop.run({}, 'up')
    if (moment !== 'in the middle of a query') {
      assert.equal((await shop.ask((sql) => sql`select * from kept`, 'shop_scratch')).length, 0)
    }
    return result
  })
}

fault(shop, 'the server is restarted while the pool has nothing to do', async () => {
  shop.write(
    "import { once } from 'node:events'",
    'await db.execute(sql`select 1`)',
    "console.log('waiting')",
    'const alive = setInterval(() => {}, 1000)',
    "await once(process, 'SIGUSR2')",
    'clearInterval(alive)',
    "console.log((await db.execute<{ answer: string }>(sql`select 'answered' as answer`))[0]?.answer)",
  )
  let restarted: Promise<unknown> | undefined
  const result = await shop.run({
    when: {
      printed: 'waiting',
      act: (kill) => {
        const { DB_PORT } = shop.address()
        restarted = shop
          .run({}, 'down')
          .then(() => shop.run({ env: { DB_PORT } }, 'up'))
          .then(() => kill('SIGUSR2'))
      },
    },
  })
  await restarted
  return result
})

const canMount = process.getuid?.() === 0 && hasProgram('mountpoint', '/')

fault(
  shop,
  'the disk is full',
  async () => {
    const disk = join(temporaryFolder(), 'disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk])
    try {
      chownSync(disk, 65534, 65534)
      shop.write(
        `await db.execute(sql.raw(\`create tablespace small location '${disk}'\`))`,
        'await db.execute(sql`create table kept (name text) tablespace small`)',
        "await db.execute(sql`insert into kept select repeat('x', 1000) from generate_series(1, 20000)`)",
      )
      const result = await shop.run()
      assert.equal((await shop.ask((sql) => sql`select * from kept`, 'shop_scratch')).length, 0)
      await shop.ask((sql) => sql`drop table kept`, 'shop_scratch')
      await shop.ask((sql) => sql`drop tablespace small`)
      return result
    } finally {
      execFileSync('umount', [disk])
    }
  },
  { skip: !canMount && 'this takes root, and leave to mount' },
)
