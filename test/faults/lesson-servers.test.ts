/** The servers that a lesson has of its own: made for a run, and gone with it. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { problem } from '../../src/lessons/pooler/servers.ts'
import { copyProject, noDocker, type Project } from '../support.ts'

let project: Project

before(() => {
  project = copyProject()
})
after(() => project.remove())

const data = (...names: string[]) => join(project.folder, '.made/embedded', ...names)
const runFolders = () => readdirSync(data()).filter((name) => name.startsWith('run-'))
const manage = (args: string[], env: Record<string, string> = {}) =>
  project.manage(args, { env: { ...noDocker, ...env } })

// A process that nobody has waited for yet has a folder in /proc, but no working folder.
const isAlive = (pid: number) => existsSync(`/proc/${pid}/cwd`)

const lessons = [
  {
    lesson: 'replicas',
    firstWords: 'READ BY',
    pidFiles: ['primary/postmaster.pid', 'standby/postmaster.pid'],
    lacks: undefined,
  },
  {
    lesson: 'pooler',
    firstWords: 'DIRECTLY',
    pidFiles: ['postgres/postmaster.pid', 'pgbouncer.pid'],
    lacks: problem(),
  },
]

for (const { lesson, firstWords, pidFiles, lacks } of lessons) {
  describe(lesson, { skip: lacks ?? false }, () => {
    /** Runs the lesson, and sends it this signal in the middle. */
    const interrupted = (signal: NodeJS.Signals) =>
      project.manage([lesson], {
        env: noDocker,
        when: { printed: firstWords, act: (kill) => kill(signal) },
      })

    /** The processes of the servers that a killed run has left. */
    const serverPids = () =>
      runFolders().flatMap((folder) =>
        pidFiles.map((file) => Number(readFileSync(data(folder, file), 'utf8').split('\n')[0])),
      )

    test('a run that ends, and one that is told to, leaves nothing', async () => {
      const { code, output } = await manage([lesson])
      assert.equal(code, 0, output)
      assert.deepEqual(runFolders(), [])
      const told = await interrupted('SIGTERM')
      assert.equal(told.code, 143, told.output)
      assert.deepEqual(runFolders(), [])
    })

    test('what a killed run has left is removed by the next, or by down', {
      skip: process.platform !== 'linux' && 'this test reads /proc',
    }, async () => {
      for (const command of [lesson, 'down']) {
        await interrupted('SIGKILL')
        const pids = serverPids()
        assert.deepEqual(pids.map(isAlive), [true, true])
        const { code, output } = await manage([command])
        assert.equal(code, 0, output)
        assert.deepEqual(pids.map(isAlive), [false, false])
        assert.deepEqual(runFolders(), [])
      }
    })

    test('two runs at once have servers of their own', async () => {
      const results = await Promise.all([manage([lesson]), manage([lesson])])
      for (const { code, output } of results) assert.equal(code, 0, output)
    })

    test('a server of your own is no help: it is said', async () => {
      const { code, stderr } = await manage([lesson], { DB_HOST: '127.0.0.1' })
      assert.equal(code, 1)
      assert.ok(stderr.includes(`${lesson} starts servers of its own and cannot use DB_HOST`))
    })
  })
}
