/** Reads the pages: their code fences and what these claim. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lessons } from '../src/lessons/list.ts'
import { type Project, root, run } from './support.ts'

/** A fenced block of a page. */
export interface Fence {
  /** The file of the page, from the project's folder. */
  page: string
  line: number
  language: string
  /** What stands behind the language: the file that the block is from. */
  file: string
  body: string
  /** Where the body begins in the text of the page. */
  start: number
}

/** The names of the lessons, in reading order. */
export const lessonNames = lessons.map(({ name }) => name)

/** The page of a lesson, from the project's folder. */
export const pageOf = (lesson: string) => `src/lessons/${lesson}/README.md`

/** The script of a lesson, from the project's folder. */
export const scriptOf = (lesson: string) => `src/lessons/${lesson}/${lesson}.ts`

/** Every Markdown page of the project. */
export const pages = [
  'site/README.md',
  'src/lessons/README.md',
  ...lessonNames.map(pageOf),
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs')).flatMap((name) =>
    name.endsWith('.md') ? `docs/${name}` : [],
  ),
]

/** The text of a file of the project. */
export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** The anchors that GitHub gives to the headings of a page. */
export function anchorsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))
}

/** The anchor that GitHub gives to a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')
}

/** The fenced blocks of a page, in their order. */
export function fencesOf(page: string): Fence[] {
  const text = read(page)
  return [...text.matchAll(/^```(\w*) ?(.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length,
    language: match[1] ?? '',
    file: match[2] ?? '',
    body: match[3] ?? '',
    start: match.index + match[0].length - (match[3] ?? '').length - '```'.length,
  }))
}

/** The command of a transcript (`$ ...` on its first line), and what it prints. */
function transcriptOf({ body }: Fence): { command: string; output: string } {
  const [first = '', ...rest] = body.split('\n')
  return { command: first.replace(/^\$ /, ''), output: rest.join('\n') }
}

/**
 * The text with each run of `-` lines of a `diff` fence replaced by the `+` lines that follow it.
 *
 * @throws {AssertionError} if the text has no such lines.
 */
export function patched(text: string, { page, line, body }: Fence): string {
  return [...body.matchAll(/((?:^-.*\n)+)((?:^\+.*\n)*)/gm)].reduce(
    (result, [, old = '', wanted = '']) => {
      const plain = (lines: string) => lines.replace(/^[-+]/gm, '')
      assert.ok(
        result.includes(plain(old)),
        `${page}:${line} changes lines that are not there:\n${old}`,
      )
      return result.replace(plain(old), () => plain(wanted))
    },
    text,
  )
}

/** A transcript of a page. */
export interface Transcript {
  /** What to call it in a list. */
  title: string
  command: string
  output: string
  fence: Fence
  /** The changes to the sources that are made for it. */
  changes: Fence[]
}

/** The transcripts of a page, in their order. The changes for one stand between it and the one before. */
export function transcriptsOf(page: string): Transcript[] {
  let changes: Fence[] = []
  return fencesOf(page).flatMap((fence) => {
    if (fence.language === 'diff') changes.push(fence)
    if (fence.language !== 'console' && fence.language !== 'timeline') return []
    const { command, output } = transcriptOf(fence)
    const title = `${page}:${fence.line} ${command}${changes.length > 0 ? ' (changed)' : ''}`
    const transcript = { title, command, output, fence, changes }
    changes = []
    return [transcript]
  })
}

/** What the command of a transcript prints in a copy of the project, less the lines of manage.sh's own. */
export async function outputOf(
  { command, changes, fence }: Transcript,
  project: Project,
  env: Record<string, string>,
): Promise<string> {
  if (fence.language === 'console') return printedBy(command, changes, project, env)
  // A timeline has in it what was printed. The scenes of one run stand in many fences.
  const key = `${command} in ${project.folder}`
  const isChanged = changes.length > 0
  const run = () => printedBy(`{ ${command}; } 2>&1 >/dev/null`, changes, project, env)
  const timeline = await (isChanged ? run() : (timelines.get(key) ?? run()))
  if (!isChanged) timelines.set(key, timeline)
  return scenesIn(timeline, fence)
}

const timelines = new Map<string, string>()

async function printedBy(
  command: string,
  changes: Fence[],
  { folder }: Project,
  env: Record<string, string>,
): Promise<string> {
  for (const change of changes) {
    const file = join(folder, change.file)
    writeFileSync(file, patched(readFileSync(file, 'utf8'), change))
  }
  try {
    // One stream for both, as a terminal has it: so their order is what it was.
    const shell = ['bash', '-c', `exec 2>&1; ${command}`]
    const { stdout } = await run(shell, { cwd: folder, env })
    return withPlaceholders(stdout.replace(/^-- .*\n/gm, ''))
  } finally {
    for (const { file } of changes) writeFileSync(join(folder, file), read(file))
  }
}

/**
 * The scenes of a timeline that a fence shows: from the one that prints the fence's first label to the one that prints its
 * last. The label of `> SOLD: 2` is `> SOLD:`.
 *
 * @throws {AssertionError} if no scene prints them.
 */
function scenesIn(timeline: string, { page, line, body }: Fence): string {
  const scenes = timeline.trim().split('\n\n')
  const labels = body.match(/^> [^:\n]*:?/gm) ?? []
  const find = (label = '') => scenes.findIndex((scene) => `\n${scene}`.includes(`\n${label}`))
  const [first, last] = [find(labels[0]), find(labels.at(-1))]
  assert.ok(
    labels.length > 0 && first >= 0 && last >= 0,
    `${page}:${line} names no scene by what it prints (> LABEL:). The timeline is:\n${timeline}`,
  )
  return `${scenes.slice(first, last + 1).join('\n\n')}\n`
}

/** A printed text with placeholders for what is different in each run. */
export function withPlaceholders(text: string): string {
  return text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '[uuid]')
    .replace(/\b\d+(\.\d+)?x\b/g, '[ratio]x')
    .replace(/prepared statement "\w+"/g, 'prepared statement "[name]"')
    .replace(/127\.0\.0\.1:\d{4,5}/g, '127.0.0.1:[port]')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d)?/g, '[time]')
}
