/**
 * What a page says of all lessons is written from list.txt and from the lessons' own pages: the lists, the links to
 * the neighbours, the crosswalk.
 *
 * With UPDATE_TRANSCRIPTS=1 the pages are rewritten instead of tested.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { groups, groupsOf, lessons } from '../src/lessons/list.ts'
import { anchorOf, pageOf, read, scriptOf } from './docs.ts'
import { root } from './support.ts'

const crosswalkPage = 'docs/crosswalk.md'

test('every lesson has a folder, with its script and its page, and the other way round', () => {
  const folders = readdirSync(join(root, 'src/lessons'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
    .map(({ name }) => name)
  assert.deepEqual(folders.sort(), lessons.map(({ name }) => name).sort())
  for (const { name } of lessons)
    for (const file of [scriptOf(name), pageOf(name)]) assert.ok(existsSync(join(root, file)), file)
})

test('a line of list.txt that is neither a group nor a lesson is refused', () => {
  const wrong: [string, RegExp][] = [
    [
      'Start\n  select  read rows\ndistinct each value once\n',
      /no lessons: "distinct each value once"/,
    ],
    [
      'Start\ndistinct  each value once\n  select  read rows\n',
      /neither .*: "distinct {2}each value once"/,
    ],
    ['Start\n  select  read rows\n  distinct\n', /neither .*: " {2}distinct"/],
    ['  select  read rows\n', /neither .*: " {2}select {2}read rows"/],
  ]
  for (const [list, message] of wrong) assert.throws(() => groupsOf(list), message)
})

isWritten('the list of lessons in README.md', 'README.md', withList)
isWritten('the list of lessons in the course', 'src/lessons/README.md', withList)
isWritten('the crosswalk', crosswalkPage, withRows)
for (const [i, { name }] of lessons.entries()) {
  isWritten(`the neighbours of ${name}`, pageOf(name), (text, page) => {
    const end = /\n---\n\n.*\n$/
    assert.match(text, end, `${page} does not end with a line of links`)
    return text.replace(end, () => `\n---\n\n${neighbours(i)}\n`)
  })
}

/** A test that a page says what follows for it. */
function isWritten(what: string, page: string, written: (text: string, page: string) => string) {
  test(what, () => {
    const text = read(page)
    const expected = written(text, page)
    if (process.env.UPDATE_TRANSCRIPTS === '1') writeFileSync(join(root, page), expected)
    else assert.equal(text, expected, `${page} is behind: ./manage.sh test --update`)
  })
}

/** The page with the lessons of list.txt between its two marks. */
function withList(text: string, page: string): string {
  let number = 0
  const lines = groups.map(({ title, lessons }) => {
    const items = lessons.map(({ name, summary }) => {
      number++
      return `${number}. [${name}](${relative(dirname(page), pageOf(name))}): ${summary}`
    })
    return `**${title}**\n\n${items.join('\n')}\n`
  })
  return betweenMarks(text, `\n${lines.join('\n')}\n`)
}

function betweenMarks(text: string, content: string): string {
  const marks = /(<!-- lessons[^>]*-->\n)[\s\S]*?(<!-- end of the lessons -->)/
  assert.match(text, marks)
  return text.replace(marks, (_, begin: string, end: string) => begin + content + end)
}

function neighbours(i: number): string {
  const link = (label: string, name: string | undefined) =>
    name ? [`${label}: [${name}](../${name}/README.md)`] : []
  return [
    ...link('Previous', lessons[i - 1]?.name),
    '[Index](../README.md)',
    ...link('Next', lessons[i + 1]?.name),
  ].join(' · ')
}

/** The crosswalk with the rows of each lesson, under the heading that the lesson's page links to. */
function withRows(text: string): string {
  const rows = new Map<string, string[]>()
  for (const { name } of lessons) {
    const { heading, table } = counterparts(name)
    const link = `[${name}](${relative(dirname(crosswalkPage), pageOf(name))})`
    rows.set(heading, [...(rows.get(heading) ?? []), ...table.map((row) => `${row} ${link} |`)])
  }
  const [before = '', ...sections] = text.split(/^## /m)
  const written = sections.map((section) => {
    const [title = ''] = section.split('\n')
    const own = rows.get(anchorOf(title)) ?? []
    rows.delete(anchorOf(title))
    return section.replace(
      /(\n\| --- .*\n)(\|.*\n)*/,
      (_, head: string) => `${head}${own.join('\n')}\n`,
    )
  })
  assert.deepEqual([...rows.keys()], [], `${crosswalkPage} lacks these headings`)
  return [before, ...written].join('## ')
}

/** What the page of a lesson says under "Coming from SQLAlchemy": the rows, and the heading in the crosswalk. */
function counterparts(name: string): { heading: string; table: string[] } {
  const page = pageOf(name)
  const section = read(page).split('\n## Coming from SQLAlchemy\n')[1]?.split('\n## ')[0] ?? ''
  const [, heading = ''] = /\(\.\.\/\.\.\/\.\.\/docs\/crosswalk\.md#([a-z-]+)\)/.exec(section) ?? []
  assert.notEqual(heading, '', `${page} does not link to its part of the crosswalk`)
  const [, , ...table] = section.split('\n').filter((line) => line.startsWith('|'))
  assert.notDeepEqual(table, [], `${page} has no table`)
  return { heading, table: table.map((row) => moved(row, dirname(page), dirname(crosswalkPage))) }
}

/** Markdown with its links as they are from another folder. */
function moved(markdown: string, from: string, to: string): string {
  return markdown.replace(
    /\]\(((?!https:)[^)#]+)/g,
    (_, link: string) => `](${relative(to, join(from, link))}`,
  )
}
