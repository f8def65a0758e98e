/** How a run ends, what it leaves, and that it is the same from wherever it is started. */
import assert from 'node:assert/strict'
import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import postgres from 'postgres'
import {
  connectionOutput,
  copyProject,
  noDocker,
  type Project,
  type RunOptions,
  run,
  settings,
  startEmbedded,
  temporaryFolder,
} from './support.ts'

let project: Project
let port: string

/** manage.sh in the shared copy, without Docker and with these settings. */
const manage = (args: string[], options: RunOptions = {}) =>
  project.manage(args, { ...options, env: { ...noDocker, ...settings, ...options.env } })

/** The embedded server in the part of a reader's own. */
const own = () => ({ DB_HOST: '127.0.0.1', DB_PORT: port })

const connect = (database = settings.DB_NAME) =>
  postgres({
    host: '127.0.0.1',
    port: Number(port),
    username: settings.DB_USER,
    password: settings.DB_PASS,
    database,
    max: 1,
    onnotice: () => {},
  })

const script = (text: string, name = 'scratch') => project.writeScript(name, text)

before(async () => {
  project = copyProject()
  port = await startEmbedded(project, settings)
})
after(() => project.remove())

describe('a lesson that does not end as it should', () => {
  const open = `import { sql } from 'drizzle-orm'
import { openDatabase } from '../../db/pool.ts'
await using db = openDatabase()
`
  test('throws', async () => {
    script(`${open}console.log('before')\nthrow new TypeError('on purpose')\n`)
    const { code, stdout, stderr } = await manage(['scratch'])
    assert.equal(code, 1)
    assert.equal(stdout, 'before\n')
    assert.match(
      stderr,
      /^scratch failed: TypeError: on purpose\n {2}at: src\/lessons\/scratch\/scratch\.ts:5:7$/m,
    )
  })

  test('does not compile', async () => {
    script('const = 1\n')
    const { code, stderr } = await manage(['scratch'])
    assert.equal(code, 1)
    assert.match(stderr, /scratch\.ts:1:6: ERROR: /)
  })

  test('fails in a promise that nobody awaits', async () => {
    script(
      `${open}void db.execute(sql\`select 1 / 0\`).then()\nawait db.execute(sql\`select pg_sleep(10)\`)\n`,
    )
    const { code, stderr } = await manage(['scratch'])
    assert.equal(code, 1)
    assert.match(stderr, /^scratch failed: division by zero \[22012\]$/m)
  })

  test('fails in a query: its parameters are not printed', async () => {
    script(`${open}await db.execute(sql\`select \${'a password'}::text, 1 / 0\`)\n`)
    const { stderr } = await manage(['scratch'])
    assert.match(
      stderr,
      /^scratch failed: division by zero \[22012\]\n {2}query: select \$1::text/m,
    )
    assert.doesNotMatch(stderr, /a password/)
  })

  test('throws where no promise is', async () => {
    const timer = "setTimeout(() => { throw new TypeError('on purpose') }, 0)"
    script(`${open}${timer}\nawait db.execute(sql\`select pg_sleep(10)\`)\n`)
    const { code, stderr } = await manage(['scratch'])
    assert.equal(code, 1)
    assert.match(
      stderr,
      /^scratch failed: TypeError: on purpose\n {2}at: src\/lessons\/scratch\/scratch/m,
    )
  })

  test('ends while a query runs: the query ends first', async () => {
    script(
      `${open}void db.execute(sql\`select pg_sleep(0.3)\`).then(() => console.log('query done'))
await db.execute(sql\`select 'on another connection, while the first one sleeps'\`)
console.log('script done')\n`,
    )
    const { code, stdout, stderr } = await manage(['scratch'])
    assert.equal(code, 0, stderr)
    assert.equal(stdout, 'script done\nquery done\n')
  })

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`${signal} while a query runs: ${code}, and nothing of the run is left`, async () => {
      script(`${open}console.log('running')\nawait db.execute(sql\`select pg_sleep(600)\`)\n`)
      const result = await run(
        ['bash', '-c', 'trap : INT TERM HUP; ./manage.sh scratch; echo "exit code $?" >&2'],
        {
          cwd: project.folder,
          env: { ...noDocker, ...settings },
          when: { printed: 'running', act: (kill) => kill(signal) },
        },
      )
      assert.match(result.stderr, new RegExp(`exit code ${code}$`, 'm'))
      // `run` waits for the last holder of the pipes, so no process of ours is left. The server looks
      // for its client every second.
      const sql = connect()
      try {
        const query = sql`select 1 from pg_stat_activity where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()`
        const deadline = Date.now() + 10_000
        while ((await query.execute()).length > 0)
          assert.ok(Date.now() < deadline, 'the query still runs')
      } finally {
        await sql.end()
      }
    })
  }
})

describe('databases', () => {
  test('each run starts with an empty connectionOutput, and leaves it to be looked at', async () => {
    await manage(['models'])
    const { stdout } = await manage(['models'])
    assert.match(stdout, /^RESULT: \[\]$/m)
    const sql = connect('shop_models')
    const rows = await sql`select name, status from items`
    await sql.end()
    assert.deepEqual([...rows], [{ name: 'Pencil', status: '0' }])
  })

  test('one that is not ours is left alone', async () => {
    const sql = connect()
    await sql`create database shop_select`
    const theirs = connect('shop_select')
    await theirs`create table precious (id int)`
    await theirs.end()
    const { code, stdout, stderr } = await manage(['select'], { env: own() })
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /There is a database "shop_select" that this project did not make/)
    const again = connect('shop_select')
    assert.equal((await again`select * from precious`).length, 0)
    await again.end()
    await sql`drop database shop_select`
    await sql.end()
  })

  test('one that was left half made is made again', async () => {
    const sql = connect()
    await sql`create database shop_tables connection limit 1947`
    await sql.end()
    const { code, stderr } = await manage(['tables'])
    assert.equal(code, 0, stderr)
  })

  test('a name that is too long is said', async () => {
    const DB_NAME = 'x'.repeat(60)
    const sql = connect()
    await sql`create database ${sql(DB_NAME)}`
    await sql.end()
    const { code, stderr } = await manage(['connection'], {
      env: { ...own(), DB_NAME },
    })
    assert.equal(code, 1)
    assert.match(stderr, /is too long for a database: at most 63 bytes/)
  })

  test('clean drops ours on a server of your own, and nothing else', async () => {
    const copy = copyProject()
    try {
      const env = { ...noDocker, ...settings, ...own() }
      const sql = connect()
      await sql`create database shop_other`
      await copy.manage(['connection'], { env })
      const { code, stderr } = await copy.manage(['clean'], { env })
      assert.equal(code, 0, stderr)
      assert.match(stderr, /^-- Dropped database shop_connection\.$/m)
      const left = await sql`select datname from pg_database where datname like 'shop%' order by 1`
      await sql`drop database shop_other`
      await sql.end()
      assert.deepEqual(
        left.map((row) => row.datname),
        ['shop', 'shop_other'],
      )
      assert.ok(!existsSync(join(copy.folder, 'node_modules')))
      assert.ok(existsSync(join(copy.folder, '.env')))
    } finally {
      copy.remove()
    }
  })
})

describe('the same result', () => {
  test('stdout is the lesson’s alone, and a pipe ends', async () => {
    const command = './manage.sh connection --sql 2>/dev/null | cat'
    const { stdout, code } = await run(['bash', '-c', command], {
      cwd: project.folder,
      env: { ...noDocker, ...settings },
    })
    assert.equal(code, 0)
    assert.equal(stdout, connectionOutput)
  })

  test('from another folder, through symbolic links', async () => {
    const folder = temporaryFolder()
    symlinkSync(join(project.folder, 'manage.sh'), join(folder, 'first'))
    symlinkSync('first', join(folder, 'second'))
    const { stdout, stderr } = await run([join(folder, 'second'), 'connection'], {
      cwd: '/',
      env: { ...noDocker, ...settings, CDPATH: '/usr:/tmp' },
    })
    assert.equal(stdout, connectionOutput, stderr)
  })

  test('with the caller’s own settings for other programs', async () => {
    const { stdout, stderr } = await manage(['connection'], {
      env: {
        LANG: undefined,
        LC_ALL: undefined,
        HOME: '/nowhere',
        PGHOST: 'nowhere.invalid',
        PGPORT: '1',
        PGPASSWORD: 'wrong',
        PGDATA: '/nowhere',
        PGTARGETSESSIONATTRS: 'standby',
        NODE_OPTIONS: '--require ./missing.js',
      },
    })
    assert.equal(stdout, connectionOutput, stderr)
  })
})
