/**
 * Every transcript in the pages is what its command prints, on a real server. A `diff` fence before it
 * changes the sources for this one transcript.
 *
 * With UPDATE_TRANSCRIPTS=1 the pages are rewritten instead.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pgBouncerProblem } from '../embedded/lessons/pooler.ts'
import { type Fence, pages, print, read, transcriptsOf } from './docs.ts'
import { copyProject, noDocker, type Project, root } from './support.ts'

// What these lessons need is not on every machine. On Docker they are checked by docker.test.ts.
const lacking: Record<string, string | undefined> = {
  'docs/pooler.md': pgBouncerProblem(),
  'docs/sharding.md': 'Citus is not here without Docker',
}

const updating = process.env.UPDATE_TRANSCRIPTS === '1'
const rewritten: { fence: Fence; body: string }[] = []
let project: Project

before(() => {
  project = copyProject()
})
after(() => {
  project.remove()
  // From the end of each page, so that the places of the others stay right.
  rewritten.sort((a, b) => b.fence.start - a.fence.start)
  for (const { fence, body } of rewritten) rewrite(fence, body)
})

// A page changes nothing but its own example, so pages go side by side, and within a page all is in order.
describe('transcripts', { concurrency: 3 }, () => {
  for (const page of pages) describe(page, { concurrency: 1 }, () => checkPage(page))
})

function checkPage(page: string): void {
  for (const transcript of transcriptsOf(page)) {
    const { title, command, output, fence } = transcript
    test(title, { skip: lacking[page] ?? false }, async () => {
      const printed = await print(transcript, project, noDocker)
      if (updating) rewritten.push({ fence, body: `$ ${command}\n${printed}` })
      else assert.equal(printed, output)
    })
  }
}

function rewrite({ page, start, body }: Fence, replacement: string): void {
  const text = read(page)
  const end = start + body.length
  writeFileSync(join(root, page), text.slice(0, start) + replacement + text.slice(end))
}
