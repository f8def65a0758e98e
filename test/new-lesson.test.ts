/** To add a lesson is to add a folder, and a line of list.txt. */
import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { lessons } from '../src/lessons/list.ts'
import { pageOf, read } from './docs.ts'
import { copyProject, noDocker, type Project, run } from './support.ts'

let project: Project
const path = (file: string) => join(project.folder, file)
const page = (file: string) => readFileSync(path(file), 'utf8')

before(() => {
  project = copyProject()
  project.writeScript('greeting', "console.log('HELLO')\n")
  writeFileSync(
    path(pageOf('greeting')),
    read(pageOf('connection')).replace('# connection', '# greeting'),
  )
  appendFileSync(path('src/lessons/list.txt'), '  greeting        say hello\n')
})
after(() => project.remove())

test('it runs', async () => {
  const { stdout, stderr } = await project.manage(['greeting'], { env: noDocker })
  assert.equal(stdout, 'HELLO\n', stderr)
})

test('the help has it', async () => {
  assert.match((await project.manage(['help'])).stdout, /^ +greeting +say hello$/m)
})

test('the lists, its neighbour and the crosswalk are written, and nothing is missing then', async () => {
  const inCopy = (env: Record<string, string>) =>
    run(['node', '--import', 'tsx', '--test', 'test/lists.test.ts'], { cwd: project.folder, env })
  assert.equal((await inCopy({})).code, 1)
  const { output, code } = await inCopy({ UPDATE_TRANSCRIPTS: '1' })
  assert.equal(code, 0, output)
  assert.equal((await inCopy({})).code, 0)
  const line = (folder: string) =>
    `${lessons.length + 1}. [greeting](${folder}greeting/README.md): say hello\n`
  assert.ok(page('README.md').includes(line('src/lessons/')))
  assert.ok(page('src/lessons/README.md').includes(line('')))
  const last = lessons.at(-1)?.name ?? ''
  assert.ok(page(pageOf(last)).endsWith('· Next: [greeting](../greeting/README.md)\n'))
  assert.ok(page(pageOf('greeting')).endsWith('· [Index](../README.md)\n'))
  assert.ok(page('docs/crosswalk.md').includes('[greeting](../src/lessons/greeting/README.md) |'))
})

test('the site’s list has it', async () => {
  const code =
    "console.log((await import('./src/lessons/list.ts')).groups.at(-1).lessons.at(-1).name)"
  const { output } = await run(['node', '--import', 'tsx', '--eval', code], { cwd: project.folder })
  assert.equal(output, 'greeting\n')
})
