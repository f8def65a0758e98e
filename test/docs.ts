/** Reads the pages in docs/: their code fences and what these claim. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './support.ts'

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

/** The names of the examples, in reading order: the indented lines of examples.txt. */
export const exampleNames = read('src/examples/examples.txt')
  .split('\n')
  .flatMap((line) => /^\s+(\S+)/.exec(line)?.[1] ?? [])

/** Every Markdown page of the project. */
export const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs')).flatMap((name) =>
    name.endsWith('.md') ? `docs/${name}` : [],
  ),
]

/** The text of a file of the project. */
export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
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
export function transcriptOf({ body }: Fence): { command: string; output: string } {
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

/** A printed text with placeholders for what is different in each run. */
export function withPlaceholders(text: string): string {
  return text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '[uuid]')
    .replace(/\b\d+(\.\d+)?x\b/g, '[ratio]x')
    .replace(/127\.0\.0\.1:\d{4,5}/g, '127.0.0.1:[port]')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d)?/g, '[time]')
}
