/**
 * Every transcript in the pages is what its command prints, on a real server. A `diff` fence before it
 * changes the sources for this one transcript.
 *
 * With UPDATE_TRANSCRIPTS=1 the pages are rewritten instead.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  type Fence,
  fencesOf,
  pages,
  patched,
  read,
  transcriptOf,
  withPlaceholders,
} from './docs.ts'
import { copyProject, noDocker, type Project, root, run } from './support.ts'

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
  const fences = fencesOf(page)
  for (const [position, fence] of fences.entries()) {
    if (fence.language !== 'console') continue
    const { command } = transcriptOf(fence)
    const diffs = diffsBefore(fences, position)
    test(`${page}:${fence.line} ${command}${diffs.length > 0 ? ' (changed)' : ''}`, async () => {
      const printed = await withChanges(diffs, () => print(command))
      if (updating) rewritten.push({ fence, body: `$ ${command}\n${printed}` })
      else assert.equal(printed, transcriptOf(fence).output)
    })
  }
}

/** The changes between the transcript before and this one. */
function diffsBefore(fences: Fence[], position: number): Fence[] {
  const diffs: Fence[] = []
  for (let i = position - 1; i >= 0 && fences[i]?.language !== 'console'; i -= 1) {
    const fence = fences[i]
    if (fence?.language === 'diff') diffs.unshift(fence)
  }
  return diffs
}

/** What a terminal shows, less the lines of manage.sh's own. */
async function print(command: string): Promise<string> {
  // One stream for both, as a terminal has it: so their order is what it was.
  const shell = ['bash', '-c', `exec 2>&1; ${command}`]
  const { stdout } = await run(shell, { cwd: project.folder, env: noDocker })
  return withPlaceholders(stdout.replace(/^-- .*\n/gm, ''))
}

async function withChanges<T>(diffs: Fence[], work: () => Promise<T>): Promise<T> {
  for (const diff of diffs) {
    const file = join(project.folder, diff.file)
    writeFileSync(file, patched(readFileSync(file, 'utf8'), diff))
  }
  try {
    return await work()
  } finally {
    for (const { file } of diffs) writeFileSync(join(project.folder, file), read(file))
  }
}

function rewrite({ page, start, body }: Fence, replacement: string): void {
  const text = read(page)
  const end = start + body.length
  writeFileSync(join(root, page), text.slice(0, start) + replacement + text.slice(end))
}
