/** How a page becomes one of the site. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fencesOf, pageOf, pages, read } from '../../test/docs.ts'
import { webPage } from '../lessons.ts'
import { timelineHtml } from '../timeline.ts'
import { lowerUsing } from '../worker/lower-using.ts'

test('an excerpt that is not in its script fails the build', async () => {
  const page = read(pageOf('select'))
  await webPage('select', page)
  const changed = page.replace(/^(```ts src\/lessons\/select\/select\.ts\n)/m, '$1// changed\n')
  await assert.rejects(webPage('select', changed), /The page of select quotes what is not in src/)
})

test('a page that belongs to no lesson keeps all of its text', async () => {
  const page = read('docs/questions.md')
  const [article = ''] = page.split('\n---\n')
  assert.ok((await webPage('questions', page)).startsWith(article.trimEnd().slice(0, -1)))
})

test('a timeline: the steps in their order, each in its lane', () => {
  const rule = '─'.repeat(100)
  const beside = [
    '$ ./manage.sh isolation --timeline',
    `ada${' '.repeat(47)}grace`,
    rule,
    'begin',
    `${' '.repeat(50)}update "t" set "n" = $1`,
    `${' '.repeat(50)}  where true -- [ '<1>' ] … waits for ada`,
    '- in line for a connection: begin',
    '> SOLD: { n: 2 }',
    '',
    'ada           begin',
    'connection 2  select a',
    '                from b → 1',
    'grace         begin',
    '',
    'select 1  →  2',
  ].join('\n')
  const items = [...timelineHtml(beside).matchAll(/<li(.*?)>(.*?)<\/li>/g)].map(
    ([, attributes = '', html = '']) => [
      /data-lane="(\d)"|class="(.*?)"/.exec(attributes)?.slice(1).find(Boolean),
      html.replace(/<.*?>/g, ''),
    ],
  )
  assert.deepEqual(items, [
    ['1', 'ada: begin'],
    ['2', `grace: update "t" set "n" = $1 where true -- [ '&lt;1&gt;' ] … waits for ada`],
    ['in-line', 'in line for a connection: begin'],
    ['printed', 'printed: SOLD: &#123; n: 2 }'],
    ['1', 'ada: begin'],
    ['2', 'connection 2: select a from b → 1'],
    ['3', 'grace: begin'],
    ['1', 'select 1  →  2'],
  ])
})

test('a timeline on the site has all the words of its page', () => {
  const words = (text: string) => text.replace(/[^\p{L}\p{N}$]+/gu, ' ').trim()
  for (const { page, line, language, body } of pages.flatMap(fencesOf)) {
    if (language !== 'timeline') continue
    const [, ...lines] = body.split('\n')
    const wanted = words(lines.filter((text) => /^[> ]|\p{L}/u.test(text)).join(' ')).split(' ')
    const shown = words(timelineHtml(body).replace(/<.*?>/g, ' ')).split(' ')
    const missing = wanted.filter((word) => !shown.includes(word))
    assert.deepEqual(missing, [], `${page}:${line}`)
  }
})

test('await using, where a browser does not know it: closed in reverse, also when something is thrown', async () => {
  const code = `
    const log = []
    const open = (name) => ({ [Symbol.asyncDispose]: async () => void log.push(name) })
    async function work() {
      await using a = open('a')
      { await using b = open('b'); log.push('inner') }
      await using c = open('c')
      throw new Error('on purpose')
    }
    await work().catch(({ message }) => log.push(message))
    export default log`
  const lowered = lowerUsing(code)
  assert.doesNotMatch(lowered, /await using/)
  assert.equal(lowered.split('\n').length, code.split('\n').length)
  const { default: log } = await import(`data:text/javascript,${encodeURIComponent(lowered)}`)
  assert.deepEqual(log, ['inner', 'b', 'c', 'a', 'on purpose'])
})
