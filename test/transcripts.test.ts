/**
 * Every transcript in the pages is what its command prints, on a real server. A `diff` fence before it
 * changes the sources for this one transcript.
 *
 * With UPDATE_TRANSCRIPTS=1 the pages are rewritten instead.
 */
import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Fence, outputOf, pages, read, transcriptsOf } from './docs.ts'
import { copyProject, noDocker, type Project, root } from './support.ts'

/** Why a page's lesson cannot run here. On Docker it is checked by docker.test.ts. */
async function lacks(page: string): Promise<string | undefined> {
  const room = join(root, dirname(page))
  if (!existsSync(join(room, 'compose.yml'))) return undefined
  if (!existsSync(join(room, 'servers.ts'))) return 'its servers are there for Docker only'
  const { problem } = await import(pathToFileURL(join(room, 'servers.ts')).href)
  return problem?.()
}

// Another version of Drizzle may write the same statement in other words. Then a timeline is compared by who waited, how
// it ended, and what was printed.
const isNext = process.env.TEST_DRIZZLE === 'next'
const outcomesIn = (timeline: string) =>
  timeline.replace(/\s+/g, ' ').match(/… waits for \S+|… goes on|… fails|→ \S+|> [^:]*:/g)

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

// A page changes nothing but its own lesson, so pages go side by side, and within a page all is in order.
describe('transcripts', { concurrency: 3 }, () => {
  for (const page of pages) describe(page, { concurrency: 1 }, () => checkPage(page))
})

async function checkPage(page: string): Promise<void> {
  const skip = (await lacks(page)) ?? false
  for (const transcript of transcriptsOf(page)) {
    const { title, command, output, fence } = transcript
    test(title, { skip }, async () => {
      const printed = await outputOf(transcript, project, noDocker)
      if (updating) rewritten.push({ fence, body: `$ ${command}\n${printed}` })
      else if (fence.language === 'timeline' && isNext)
        assert.deepEqual(outcomesIn(printed), outcomesIn(output))
      else assert.equal(printed, output)
    })
  }
}

function rewrite({ page, start, body }: Fence, replacement: string): void {
  const text = read(page)
  const end = start + body.length
  writeFileSync(join(root, page), text.slice(0, start) + replacement + text.slice(end))
}
