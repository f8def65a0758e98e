/** `--timeline` draws what was really sent and answered, and who waited for whom: the same in each run. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { messageReader } from '../src/runner/timeline/protocol.ts'
import { withPlaceholders } from './docs.ts'
import { copyProject, noDocker, type Project, settings, startEmbedded } from './support.ts'

let project: Project

before(async () => {
  project = copyProject()
  await startEmbedded(project, settings)
})
after(() => project.remove())

/** The timeline of a lesson of these lines, behind its opening. */
async function timelineOf(...lines: string[]): Promise<string[]> {
  const opening = [
    "import { setTimeout as pause } from 'node:timers/promises'",
    "import { sql } from 'drizzle-orm'",
    "import { errorCode } from '../../db/error-code.ts'",
    "import { openDatabase } from '../../db/pool.ts'",
    "import { untilWaiting } from '../shared/until-waiting.ts'",
    'await using ada = openDatabase({ max: 1 })',
    'await using grace = openDatabase({ max: 1 })',
    'await using onlooker = openDatabase({ max: 1 })',
  ]
  project.writeScript('scratch', [...opening, ...lines, ''].join('\n'))
  return drawnBy('scratch')
}

async function drawnBy(lesson: string): Promise<string[]> {
  const { stderr, code } = await project.manage([lesson, '--timeline'], {
    env: { ...noDocker, ...settings },
  })
  assert.equal(code, 0, stderr)
  const [, drawn = stderr] = stderr.split(/^─+\n/m)
  return withPlaceholders(drawn)
    .replace(/'\d{3,}'/g, "'[pid]'")
    .trimEnd()
    .split('\n')
}

// The second lane begins in the middle.
const second = ' '.repeat(50)

test('one connection: its statements, in order, with their answers', async () => {
  assert.deepEqual(await drawnBy('connection'), ['begin', 'select 1 as one → 1 row', 'commit'])
})

test('the lesson prints what it prints without it, and its exit code stays', async () => {
  project.writeScript('scratch', "console.log('before')\nthrow new Error('on purpose')\n")
  const { stdout, stderr, code } = await project.manage(['scratch', '--timeline'], {
    env: { ...noDocker, ...settings },
  })
  assert.deepEqual([code, stdout], [1, 'before\n'])
  assert.match(stderr, /scratch failed: on purpose/)
})

test('parameters, counts and codes of errors', async () => {
  assert.deepEqual(
    await timelineOf(
      'await ada.execute(sql`create table t (n int primary key)`)',
      "await ada.$client.unsafe('insert into t values ($1), ($2)', [1, 2])",
      "await ada.$client.unsafe('insert into t values ($1)', [1]).catch(() => {})",
      "await ada.$client.unsafe('select * from t where n = $1', [null])",
      'await ada.execute(sql`select from nowhere`).catch(() => {})',
    ),
    [
      'create table t (n int primary key)',
      "insert into t values ($1), ($2)  -- [ '1', '2' ] → 2 rows",
      "insert into t values ($1)  -- [ '1' ] → 23505",
      'select * from t where n = $1  -- [ null ] → 0 rows',
      'select from nowhere → 42P01',
    ],
  )
})

test('who waits for whom, and who goes on when: the same ten times', async () => {
  const drawn = [
    'create table t (n int)',
    'insert into t values (1) → 1 row',
    'begin',
    'update t set n = 2 → 1 row',
    `${second}begin`,
    `${second}update t set n = 3 … waits for connection 1`,
    'commit',
    `${second}… goes on → 1 row`,
    `${second}commit`,
  ]
  for (let round = 0; round < 10; round++) {
    assert.deepEqual(
      await timelineOf(
        'await ada.execute(sql`create table t (n int)`)',
        'await ada.execute(sql`insert into t values (1)`)',
        'let late: Promise<unknown> = Promise.resolve()',
        'await ada.transaction(async (tx) => {',
        '  await tx.execute(sql`update t set n = 2`)',
        '  late = grace.transaction((other) => other.execute(sql`update t set n = 3`))',
        '  await untilWaiting(onlooker)',
        '})',
        'await late',
      ),
      drawn,
    )
  }
})

test('a deadlock: both are seen to wait, one fails, the other goes on', async () => {
  const drawn = await timelineOf(
    'await ada.execute(sql`create table t (n int)`)',
    'await ada.execute(sql`insert into t values (1), (2)`)',
    "const lock = (n: number) => sql.raw('select n from t where n = ' + n + ' for update')",
    'let second: Promise<unknown> = Promise.resolve()',
    'const first = ada.transaction(async (tx) => {',
    '  await tx.execute(lock(1))',
    '  second = grace.transaction(async (other) => {',
    '    await other.execute(lock(2))',
    '    await other.execute(lock(1))',
    '  }).catch(() => {})',
    '  await untilWaiting(onlooker)',
    '  await tx.execute(lock(2))',
    '})',
    'await Promise.allSettled([first, second])',
    'await Promise.allSettled([second])',
  )
  const text = drawn.join('\n').replace(/\n +(\S)/g, ' $1')
  assert.match(text, /for update … waits for connection 1/)
  assert.match(text, /for update … waits for connection 2/)
  assert.match(text, /… fails → 40P01/)
  assert.match(text, /… goes on → 1 row/)
})

test('notifications, COPY, a cursor, and a connection that is lost', async () => {
  assert.deepEqual(
    await timelineOf(
      "await ada.$client.unsafe('create table t (n int)')",
      "await ada.$client.unsafe('insert into t select generate_series(1,3)')",
      'for await (const _ of ada.$client`select n from t`.cursor(2)) {}',
      'for await (const _ of await ada.$client`copy t to stdout`.readable()) {}',
      'const [row] = await grace.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)',
      "await ada.$client.unsafe('select pg_terminate_backend($1, 5000)', [row?.pid ?? 0])",
    ),
    [
      'create table t (n int)',
      'insert into t select',
      '  generate_series(1,3) → 3 rows',
      'select n from t → some rows',
      '(more rows) → 1 row',
      'copy t to stdout → 3 rows',
      `${second}select pg_backend_pid() as pid → 1 row`,
      'select pg_terminate_backend($1, 5000)  -- [',
      "  '[pid]' ] → 1 row",
      `${second}(57P01)`,
      `${second}(the connection is lost)`,
    ],
  )
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
