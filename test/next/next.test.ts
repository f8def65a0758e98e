/** The lessons on the newest candidate of Drizzle 1.0, with the changes of docs/drizzle-1.0.md and no others. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fencesOf, patched } from '../docs.ts'
import { copyProject, type Project, root, run } from '../support.ts'

let project: Project

before(() => {
  const candidate = join(root, 'test/next/node_modules/drizzle-orm')
  project = copyProject({ replaced: { 'drizzle-orm': candidate } })
  for (const change of fencesOf('docs/drizzle-1.0.md')) {
    const file = join(project.folder, change.file)
    writeFileSync(file, patched(readFileSync(file, 'utf8'), change))
  }
})
after(() => project.remove())

test('types', async () => {
  writeFileSync(
    join(project.folder, 'tsconfig.next.json'),
    JSON.stringify({ extends: './tsconfig.json', include: ['src'] }),
  )
  await succeeds('node_modules/.bin/tsc', '--project', 'tsconfig.next.json')
})

test('transcripts', () =>
  succeeds('node', '--import', 'tsx', '--test', '--test-reporter=spec', 'test/transcripts.test.ts'))

async function succeeds(...command: string[]): Promise<void> {
  const env = { TEST_DRIZZLE: 'next' }
  const { code, output } = await run(command, { cwd: project.folder, env })
  assert.equal(code, 0, output)
}
