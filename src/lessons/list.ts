/** The lessons in reading order, as list.txt has them: a line at the margin begins a group, an indented one is a lesson. */
import { readFileSync } from 'node:fs'

/** A line of the list. */
export interface Lesson {
  /** The name of the lesson's folder, and its command. */
  name: string
  summary: string
}

/** A line at the margin, with the lessons below it. */
export interface Group {
  title: string
  lessons: Lesson[]
}

/**
 * Reads a list of lessons.
 *
 * @throws {Error} if a line is neither a group nor a lesson, or a group has no lessons.
 */
export function groupsOf(list: string): Group[] {
  const groups: Group[] = []
  for (const line of list.split('\n')) {
    const [, name, summary] = /^ +(\S+) +(\S.*)$/.exec(line) ?? []
    const group = groups.at(-1)
    if (name && summary && group) group.lessons.push({ name, summary })
    else if (/^\S+( \S+)*$/.test(line)) groups.push({ title: line, lessons: [] })
    else if (line)
      throw new Error(`A line of list.txt is neither a group nor a lesson: "${line}". ${form}`)
  }
  const empty = groups.find(({ lessons }) => lessons.length === 0)
  if (empty) throw new Error(`A group of list.txt has no lessons: "${empty.title}". ${form}`)
  return groups
}

const form = 'The line of a lesson is indented: two spaces, its name, spaces, a summary.'

/** The groups of lessons, in reading order. */
export const groups = groupsOf(readFileSync(new URL('list.txt', import.meta.url), 'utf8'))

/** All lessons, in reading order. */
export const lessons = groups.flatMap((group) => group.lessons)
