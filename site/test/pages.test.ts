/** How a page becomes one of the site. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageOf, read } from '../../test/docs.ts'
import { webPage } from '../lessons.ts'
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
