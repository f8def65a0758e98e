/** The servers that the lesson `replicas` has of its own: made for a run, and gone with it. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { copyProject, noDocker, type Project } from '../support.ts'

let project: Project

before(() => {
  project = copyProject()
})
after(() => project.remove())

const data = (...names: string[]) => join(project.folder, 'embedded/data', ...names)
const pairs = () => readdirSync(data()).filter((name) => name.startsWith('replicas-'))
const manage = (args: string[], env: Record<string, string> = {}) =>
  project.manage(args, { env: { ...noDocker, ...env } })

/** Runs the lesson, and sends it this signal in the middle. */
const interrupted = (signal: NodeJS.Signals) =>
  project.manage(['replicas'], {
    env: noDocker,
    when: { printed: 'READ BY', act: (kill) => kill(signal) },
  })

/** The processes of the servers that a killed run has left. */
const serverPids = () =>
  pairs().flatMap((pair) =>
    ['primary', 'standby'].map((name) =>
      Number(readFileSync(data(pair, name, 'postmaster.pid'), 'utf8').split('\n')[0]),
    ),
  )
// A process that nobody has waited for yet has a folder in /proc, but no working folder.
const isAlive = (pid: number) => existsSync(`/proc/${pid}/cwd`)

test('a run that ends, and one that is told to, leaves nothing', async () => {
  const { code, output } = await manage(['replicas'])
  assert.equal(code, 0, output)
  assert.deepEqual(pairs(), [])
  const told = await interrupted('SIGTERM')
  assert.equal(told.code, 143, told.output)
  assert.deepEqual(pairs(), [])
})

test('what a killed run has left is removed by the next, or stopped by down', {
  skip: process.platform !== 'linux' && 'this test reads /proc',
}, async () => {
  for (const command of ['replicas', 'down']) {
    await interrupted('SIGKILL')
    const pids = serverPids()
    assert.deepEqual(pids.map(isAlive), [true, true])
    const { code, output } = await manage([command])
    assert.equal(code, 0, output)
    assert.deepEqual(pids.map(isAlive), [false, false])
  }
  await manage(['replicas'])
  assert.deepEqual(pairs(), [])
})

test('two runs at once have two pairs', async () => {
  const results = await Promise.all([manage(['replicas']), manage(['replicas'])])
  for (const { code, output } of results) assert.equal(code, 0, output)
})

test('a server of your own is no help: it is said', async () => {
  const { code, stderr } = await manage(['replicas'], { DB_HOST: '127.0.0.1' })
  assert.equal(code, 1)
  assert.match(stderr, /replicas needs servers of its own, and DB_HOST names yours/)
})
