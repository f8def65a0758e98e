/** `--timeline` draws what was really sent and answered, and who waited for whom: the same in each run. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { messageReader } from '../src/runner/timeline/protocol.ts'
import { withPlaceholders } from './docs.ts'
import {
  copyProject,
  noDocker,
  type Project,
  type RunOptions,
  settings,
  startEmbedded,
} from './support.ts'

let project: Project
let port: string

before(async () => {
  project = copyProject()
  port = await startEmbedded(project, settings)
})
after(() => project.remove())

const opening = [
  "import { spawn } from 'node:child_process'",
  "import { once } from 'node:events'",
  "import { createServer } from 'node:net'",
  "import { setTimeout as pause } from 'node:timers/promises'",
  "import { sql } from 'drizzle-orm'",
  "import { errorCode } from '../../db/error-code.ts'",
  "import { openDatabase } from '../../db/pool.ts'",
  "await using ada = openDatabase({ max: 1, applicationName: 'ada' })",
  "await using grace = openDatabase({ max: 1, applicationName: 'grace' })",
]

/** Runs a lesson of these lines, behind its opening, with --timeline. */
function run(lines: string[], options: RunOptions = {}) {
  project.writeScript('scratch', [...opening, ...lines, ''].join('\n'))
  return project.manage(['scratch', '--timeline'], {
    env: { ...noDocker, ...settings },
    ...options,
  })
}

/** The scenes of a lesson of these lines. The lanes' names, and the line below them, are left out. */
async function scenesOf(...lines: string[]): Promise<string[][]> {
  const { stderr, code } = await run(lines)
  assert.equal(code, 0, stderr)
  return scenesIn(stderr)
}

function scenesIn(stderr: string): string[][] {
  const [, ...scenes] = withPlaceholders(stderr).trimEnd().split('\n\n')
  return scenes.map((scene) => scene.replace(/^.*\n─+\n/, '').split('\n'))
}

// The second lane begins in the middle.
const second = ' '.repeat(50)

test('one connection: its statements, in order, with their answers, and what was printed', async () => {
  const env = { ...noDocker, ...settings }
  const { stderr } = await project.manage(['connection', '--timeline'], { env })
  assert.deepEqual(scenesIn(stderr), [['begin', 'select 1 as one → 1', '> SELECT 1: 1', 'commit']])
})

test('the lesson prints what it prints without it, and its exit code stays', async () => {
  const { stdout, stderr, code } = await run([
    "console.log('before')",
    "throw new Error('on purpose')",
  ])
  assert.deepEqual([code, stdout], [1, 'before\n'])
  assert.match(stderr, /scratch failed: on purpose/)
})

test('a lesson that sends nothing itself', async () => {
  const { stderr } = await run(["console.log('nothing')"])
  assert.match(stderr, /\n\n\(This process has sent no statement\.\)\n$/)
})

test('parameters, rows, counts and codes of errors', async () => {
  assert.deepEqual(
    await scenesOf(
      'await ada.execute(sql`create table t (n int primary key, word text)`)',
      "await ada.$client.unsafe('insert into t values ($1, $2), (2, null)', [1, 'one'])",
      "await ada.$client.unsafe('insert into t values ($1)', [1]).catch(() => {})",
      "await ada.$client.unsafe('select * from t where n > $1', [0])",
      "await ada.$client.unsafe('select n from t')",
      "await ada.$client.unsafe('select n from t where word = $1', [null])",
      "await ada.$client.unsafe('select from generate_series(1, 5)')",
      "await ada.$client.unsafe('select clock_timestamp()')",
      'await ada.execute(sql`select from nowhere`).catch(() => {})',
    ),
    [
      [
        'create table t (n int primary key, word text)',
        "insert into t values ($1, $2), (2, null) -- [ '1', 'one' ] → 2 rows",
        "insert into t values ($1) -- [ '1' ] → 23505",
        "select * from t where n > $1 -- [ '0' ] → (1, one), (2, null)",
        'select n from t → 1, 2',
        'select n from t where word = $1 -- [ null ] → 0 rows',
        'select from generate_series(1, 5) → 5 rows',
        'select clock_timestamp() → 1 row',
        'select from nowhere → 42P01',
      ],
    ],
  )
})

test('who waits for whom, and who goes on when: the same ten times', async () => {
  const lines = [
    'await ada.execute(sql`create table t (n int)`)',
    'await ada.execute(sql`insert into t values (1)`)',
    "console.log('ready')",
    'await ada.execute(sql`begin`)',
    'await ada.execute(sql`update t set n = 2`)',
    'await grace.execute(sql`begin`)',
    'const graceSets = grace.execute(sql`update t set n = 3`).execute()',
    'await ada.execute(sql`select 1`)',
    'await ada.execute(sql`commit`)',
    'await ada.execute(sql`select n from t`)',
    'await graceSets',
    'await grace.execute(sql`commit`)',
    "console.log('done')",
  ]
  const drawn = [
    ['create table t (n int)', 'insert into t values (1) → 1 row', '> ready'],
    [
      'begin',
      'update t set n = 2 → 1 row',
      `${second}begin`,
      `${second}update t set n = 3 … waits for ada`,
      'select 1 → 1',
      'commit',
      `${second}… goes on → 1 row`,
      'select n from t → 2',
      `${second}commit`,
      '> done',
    ],
  ]
  for (let round = 0; round < 10; round++) assert.deepEqual(await scenesOf(...lines), drawn)
})

test('a deadlock: both wait, one fails, and only then the other goes on', async () => {
  const [, scene] = await scenesOf(
    'await ada.execute(sql`create table t (n int)`)',
    'await ada.execute(sql`insert into t values (1), (2)`)',
    "console.log('ready')",
    "const lock = (n: number) => sql.raw('select n from t where n = ' + n + ' for update')",
    'await ada.execute(sql`begin`)',
    'await grace.execute(sql`begin`)',
    'await ada.execute(lock(1))',
    'await grace.execute(lock(2))',
    'const adaLocks = ada.execute(lock(2)).catch(() => ada.execute(sql`rollback`))',
    'await pause(200)', // so that she is the first to look for a circle
    'await grace.execute(lock(1))',
    'await adaLocks',
    'await grace.execute(sql`commit`)',
    "console.log('done')",
  )
  assert.deepEqual(scene, [
    'begin',
    `${second}begin`,
    'select n from t where n = 1 for update → 1',
    `${second}select n from t where n = 2 for update → 2`,
    'select n from t where n = 2 for update … waits',
    '  for grace',
    `${second}select n from t where n = 1 for update … waits`,
    `${second}  for ada`,
    '… fails → 40P01',
    `${second}… goes on → 1`,
    'rollback',
    `${second}commit`,
    '> done',
  ])
})

test('a transaction that waits for a snapshot in which nothing can be refused', async () => {
  const [, scene] = await scenesOf(
    'for (const session of [ada, grace]) await session.execute(sql`select 0`)',
    "console.log('connected')",
    'await ada.execute(sql`begin isolation level serializable`)',
    'await ada.execute(sql`select 1`)',
    'await grace.execute(sql`begin isolation level serializable, read only, deferrable`)',
    'const graceReads = grace.execute(sql`select 2`).execute()',
    'await ada.execute(sql`commit`)',
    'await graceReads',
    'await grace.execute(sql`commit`)',
    "console.log('done')",
  )
  assert.deepEqual(scene, [
    'begin isolation level serializable',
    'select 1 → 1',
    `${second}begin isolation level serializable, read only,`,
    `${second}  deferrable`,
    `${second}select 2 … waits for ada`,
    'commit',
    `${second}… goes on → 2`,
    `${second}commit`,
    '> done',
  ])
})

test('another program is in the way', async () => {
  const holder = [
    "import postgres from 'postgres'",
    'const client = postgres({ host: "127.0.0.1", port: process.env.DB_PORT,',
    '  user: process.env.DB_USER, password: process.env.DB_PASS, database: process.env.DB_NAME, max: 1 })',
    'await client`select pg_advisory_lock(7)`',
    'console.log("locked")',
  ]
  assert.deepEqual(
    await scenesOf(
      `const holder = spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(holder.join('\n'))}],`,
      `  { cwd: import.meta.dirname, env: { ...process.env, DB_PORT: '${port}' } })`,
      "await once(holder.stdout, 'data')",
      'for (const session of [ada, grace]) await session.execute(sql`select 0`)',
      "console.log('connected')",
      'const adaLocks = ada.execute(sql`select pg_advisory_lock(7)`).execute()',
      'await grace.execute(sql`select 1`)',
      'holder.kill()',
      'await adaLocks',
    ),
    [
      ['select 0 → 0', `${second}select 0 → 0`, '> connected'],
      [
        'select pg_advisory_lock(7) … waits for another',
        '  program',
        `${second}select 1 → 1`,
        '… goes on',
      ],
    ],
  )
})

test('notifications, COPY, a cursor, a cancelled statement, and a connection that is lost', async () => {
  const scenes = await scenesOf(
    "await ada.$client.unsafe('create table t (n int)')",
    "await ada.$client.unsafe('insert into t select generate_series(1, 9)')",
    'for await (const _ of ada.$client`select n from t`.cursor(5)) {}',
    'for await (const _ of await ada.$client`copy t to stdout`.readable()) {}',
    'const writable = await ada.$client`copy t from stdin`.writable()',
    "writable.end('10\\n')",
    "await once(writable, 'finish')",
    "console.log('moved')",
    'const tells: (() => void)[] = []',
    'const heard = new Promise<void>((resolve) => tells.push(resolve))',
    "await grace.$client.listen('news', () => tells.forEach((tell) => tell()))",
    "await ada.execute(sql`select pg_notify('news', 'hello')`)",
    'await heard',
    "console.log('told')",
    'const slow = ada.$client`select pg_sleep(60)`.execute()',
    'const end = slow.catch(() => {})',
    'await grace.execute(sql`select 1`)', // which is sent when Ada sleeps
    'slow.cancel()',
    'await end',
    "console.log('cancelled')",
    'const [row] = await grace.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)',
    "await ada.$client.unsafe('select pg_terminate_backend($1, 5000)', [row?.pid ?? 0])",
    'await pause(100)', // the end of a connection comes when it comes
    "console.log('lost')",
  )
  assert.deepEqual(
    scenes.map((scene) => scene.map((line) => line.replace(/(pid → |')\d{3,}/, '$1[pid]'))),
    [
      [
        'create table t (n int)',
        'insert into t select generate_series(1, 9) → 9 rows',
        'select n from t → some rows',
        '(more rows) → 6, 7, 8, 9',
        'copy t to stdout → 9 rows',
        'copy t from stdin → 1 row',
        '> moved',
      ],
      [
        `${second}listen "news"`,
        "select pg_notify('news', 'hello')",
        `${second}(hears news: hello)`,
        '> told',
      ],
      ['select pg_sleep(60) → 57014', `${second}select 1 → 1`, '(cancel)', '> cancelled'],
      [
        `${second}select pg_backend_pid() as pid → [pid]`,
        'select pg_terminate_backend($1, 5000) --',
        "  [ '[pid]' ] → t",
        `${second}(57P01)`,
        `${second}(the connection is lost)`,
        '> lost',
      ],
    ],
  )
})

test('a query that stands in line for a connection of its pool, and one that has its own', async () => {
  assert.deepEqual(
    await scenesOf(
      'await ada.execute(sql`select 1`)',
      "console.log('connected')",
      'const first = ada.transaction((tx) => tx.execute(sql`select 2`))',
      'const second = ada.transaction((tx) => tx.execute(sql`select 3`))',
      'await Promise.all([first, second])',
      "console.log('both done')",
      'await ada.transaction(async (tx) => {',
      '  await Promise.all([tx.execute(sql`select 4`), tx.execute(sql`select 5`)])',
      '})',
    ),
    [
      ['select 1 → 1', '> connected'],
      [
        '- in line for a connection: begin',
        ...['begin', 'select 2 → 2', 'commit', 'begin', 'select 3 → 3', 'commit', '> both done'],
      ],
      ['begin', 'select 4 → 4', 'select 5 → 5', 'commit'],
    ],
  )
})

test('three lanes are a list, a name that comes twice gets a number, and repeats are counted', async () => {
  const { stderr } = await run([
    "await using other = openDatabase({ max: 1, applicationName: 'ada' })",
    'await using db = openDatabase({ max: 1 })',
    'for (const session of [ada, other, db]) await session.execute(sql`select 1`)',
    'for (let n = 0; n < 10; n++) await db.$client`select 2`',
  ])
  assert.deepEqual(scenesIn(stderr), [
    [
      'ada           select 1 → 1',
      'ada 2         select 1 → 1',
      'connection 1  select 1 → 1',
      ...Array(3).fill('connection 1  select 2 → 2'),
      'connection 1  (the same 7 times more)',
    ],
  ])
})

test('a server that does not speak PostgreSQL’s protocol is told, and nothing hangs', async () => {
  const { stderr, code } = await run([
    "const web = createServer((socket) => socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request')))",
    "await once(web.listen(0, '127.0.0.1'), 'listening')",
    'const address = web.address()',
    "const at = typeof address === 'object' ? address?.port : 0",
    "process.env.DB_SSLMODE = 'disable'",
    'await using db = openDatabase({ max: 1, server: `127.0.0.1:' + '$' + '{at}` })',
    'await ada.execute(sql`select 1`)',
    'await db.execute(sql`select 2`).catch((error) => console.error(errorCode(error)))',
    'web.close()',
  ])
  assert.equal(code, 0, stderr)
  assert.match(stderr, /\(what follows is not PostgreSQL’s protocol\)/)
  assert.match(stderr, /^select 1 → 1$/m)
})

test('Ctrl-C draws what there was until then, and leaves nothing', async () => {
  const { stderr, code, signal } = await run(
    [
      'await ada.execute(sql`select 0`)',
      "console.log('connected')",
      'const sleep = ada.execute(sql`select pg_sleep(60)`).execute()',
      'await grace.execute(sql`select 1`)', // which is sent when Ada sleeps
      "console.error('asleep')",
      'await sleep',
    ],
    { when: { printed: 'asleep', act: (kill) => kill('SIGINT') } },
  )
  assert.deepEqual([code, signal], [130, null])
  assert.deepEqual(scenesIn(stderr), [
    ['select 0 → 0', '> connected'],
    ['select pg_sleep(60) → no answer', `${second}select 1 → 1`],
  ])
})

test('messages, however they are cut into packets', () => {
  const stream = Buffer.from([0x5a, 0, 0, 0, 5, 0x49, 0x43, 0, 0, 0, 8, 0x58, 0x20, 0x31, 0])
  for (let cut = 0; cut <= stream.length; cut++) {
    const read = messageReader()
    const messages = [...read(stream.subarray(0, cut)), ...read(stream.subarray(cut))]
    assert.deepEqual(
      messages.map(({ type, body }) => [type, body.toString()]),
      [
        ['Z', 'I'],
        ['C', 'X 1\0'],
      ],
    )
  }
  assert.throws(() => messageReader()(Buffer.from('HTTP/1.1 400')), /impossible length/)
})
