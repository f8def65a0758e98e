/** The lessons in reading order, as list.txt has them: a line at the margin begins a group, an indented one is a lesson. */
import { readFileSync } from 'node:fs'

/** A line of the list. */
export interface Lesson {
  /** The name of the lesson's folder, and its command. */
  name: string
  summary: string
}

/** The groups of lessons, in reading order. */
export const groups: { title: string; lessons: Lesson[] }[] = []

for (const line of readFileSync(new URL('list.txt', import.meta.url), 'utf8').split('\n')) {
  const [, name, summary] = /^ +(\S+) +(.*)$/.exec(line) ?? []
  if (name && summary) groups.at(-1)?.lessons.push({ name, summary })
  else if (line) groups.push({ title: line, lessons: [] })
}

/** All lessons, in reading order. */
export const lessons = groups.flatMap((group) => group.lessons)
