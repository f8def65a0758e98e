/** What a run tells when a script does what the lessons do not: it throws late, waits, floods, or is stopped. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { pageOf, transcriptsOf } from '../../test/docs.ts'
import { noBrowser, openBrowser, readerOn, type SiteBrowser } from './browser.ts'

const transcript = (name: string) => transcriptsOf(pageOf(name))[0]?.output

describe('a run', { skip: noBrowser }, () => {
  let browser: SiteBrowser
  let page: Page
  const complaints: string[] = []
  const missing: string[] = []

  before(async () => {
    browser = await openBrowser()
  })
  after(() => browser.close())
  beforeEach(async () => {
    const reader = await browser.newReader({ viewport: { width: 1440, height: 900 } })
    page = await reader.newPage()
    complaints.length = 0
    missing.length = 0
    page.on('pageerror', ({ message }) => complaints.push(message))
    reader.on('response', (response) => {
      if (response.status() >= 400) missing.push(response.url())
    })
  })
  afterEach(async () => {
    await page.context().close()
    assert.deepEqual(complaints, [])
    assert.deepEqual(missing, [])
  })

  const { open, printed, note, untilNote, run } = readerOn(
    () => page,
    () => browser,
  )
  /** Opens a lesson with this in the place of its script. */
  const openWith = async (script: string) => {
    await page.addInitScript(
      ([key = '', text = '']) => sessionStorage.setItem(key, text),
      ['connection src/lessons/connection/connection.ts', script],
    )
    await open('connection')
    await page.waitForSelector('.cm-editor')
  }

  test('throws from a timer: the error with its line, exit code 1, and the output before it', async () => {
    await openWith(
      "console.log('FIRST')\nsetTimeout(() => {\n  throw new TypeError('too late')\n}, 20)\n",
    )
    await run()
    assert.match(
      await printed(),
      /^FIRST\nconnection failed: TypeError: too late\n {2}at: src\/lessons\/connection\/connection\.ts:3:\d+\n$/,
    )
    assert.match(await note(), /^Exit code 1,/)
    assert.match((await page.textContent('.error-line')) ?? '', /too late/)
  })

  test('in a browser that blocks all cookies: it runs, is edited, and the page searches', async () => {
    await page.addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage']) {
        Object.defineProperty(window, name, {
          configurable: true,
          get() {
            throw new DOMException('Access is denied for this document.', 'SecurityError')
          },
        })
      }
    })
    await open('connection')
    await run()
    assert.equal(await printed(), transcript('connection'))
    await page.locator('.pane .line', { hasText: 'console.log(`SELECT 1:' }).click()
    await page.waitForSelector('.cm-focused')
    await page.keyboard.press('Home')
    await page.keyboard.type("console.log('MINE');")
    await run()
    assert.equal(await printed(), `MINE\n${transcript('connection')}`)
    await page.click('.VPNavBarAppearance button')
    await page.click('#local-search button')
    await page.fill('.VPLocalSearchBox input', 'savepoint')
    await page.waitForSelector('.VPLocalSearchBox .results a')
  })

  test('is started by a double click: it runs to its end', async () => {
    await open('connection')
    await page.dblclick('.pane .run')
    await untilNote('.')
    assert.doesNotMatch(await note(), /Stopped/)
    await untilNote('Exit code 0')
    assert.equal(await printed(), transcript('connection'))
  })

  test('prints 90,000 lines: all of them are shown, in few messages and few elements', async () => {
    await page.addInitScript(() => {
      const Original = Worker
      window.Worker = class extends Original {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(url, options)
          this.addEventListener('message', () => performance.mark('message'))
        }
      }
    })
    await openWith('for (let i = 0; i < 90_000; i += 1) console.log(i % 10)\n')
    await page.evaluate(() => {
      const printed = document.querySelector('.pane .printed')
      const observer = new MutationObserver((records) => {
        for (const _ of records) performance.mark('change')
      })
      if (printed) observer.observe(printed, { childList: true })
    })
    await run()
    const text = await printed()
    assert.equal(text.length, 180_000)
    assert.ok(text.startsWith('0\n1\n2\n') && text.endsWith('8\n9\n'))
    const marks = (name: string) =>
      page.evaluate((one) => performance.getEntriesByName(one).length, name)
    const messages = await marks('message')
    const changes = await marks('change')
    const elements = await page.locator('.pane .printed > *').count()
    assert.ok(messages > 0 && messages < 2000, `${messages} messages`)
    assert.ok(changes > 0 && changes < 500, `${changes} changes`)
    assert.ok(elements < 500, `${elements} elements`)
  })

  test('prints 40,000 lines by turns on both streams: each is complete, in few elements', async () => {
    await openWith(
      "for (let i = 0; i < 20_000; i += 1) {\n  console.log('o')\n  console.error('e')\n}\n",
    )
    await run()
    const text = await printed()
    assert.equal(text.replaceAll('e\n', ''), 'o\n'.repeat(20_000))
    assert.equal(text.replaceAll('o\n', ''), 'e\n'.repeat(20_000))
    const elements = await page.locator('.pane .printed > *').count()
    assert.ok(elements < 2000, `${elements} elements`)
  })

  test('prints a little and then never returns: all of it is shown', async () => {
    await openWith("for (let i = 0; i < 100; i += 1) console.log('LINE', i)\nfor (;;) {}\n")
    await page.click('.pane .run')
    await page.waitForFunction(() =>
      document.querySelector('.pane .printed')?.textContent?.endsWith('LINE 99\n'),
    )
    await page.click('.pane .stop')
    assert.equal(await note(), 'Stopped.')
  })

  test('prints too much: the output ends at the limit', async () => {
    await openWith("for (;;) console.log('x'.repeat(99))\n")
    await page.click('.pane .run')
    await untilNote('Stopped, since it printed more than 200000 characters.')
    assert.equal((await printed()).length, 200_000)
  })

  test('is reset in the middle: nothing of it is left', async () => {
    await openWith(
      "for (let i = 0; ; i += 1) {\n  console.log('LINE', i)\n  await new Promise((done) => setTimeout(done, 1))\n}\n",
    )
    await page.click('.pane .run')
    await page.waitForFunction(() =>
      document.querySelector('.pane .printed')?.textContent?.includes('LINE 5\n'),
    )
    await page.click('.pane .reset')
    assert.equal(await printed(), transcript('connection'))
    assert.equal(await page.isVisible('.pane .stop'), false)
    await run()
    assert.equal(await printed(), transcript('connection'))
  })

  test('awaits what never comes: it ends, with the exit code of Node and the reason', async () => {
    await openWith("console.log('BEFORE')\nawait new Promise(() => {})\nconsole.log('AFTER')\n")
    await run()
    assert.match(await printed(), /^BEFORE\nconnection waits for something that never comes: /)
    assert.match(await note(), /^Exit code 13,/)
  })

  test('awaits what never comes, with the database open', async () => {
    await openWith(
      "import { openDatabase } from '../../db/pool.ts'\nawait using db = openDatabase()\nawait db.execute('select 1')\nawait new Promise(() => {})\n",
    )
    await run()
    assert.match(await printed(), /^connection waits for something that never comes: /)
    assert.match(await note(), /^Exit code 13,/)
  })

  test('awaits a timer, a slow query and a request: it goes on', async () => {
    await page.route('**/slow.json', async (route) => {
      await new Promise((done) => setTimeout(done, 3000))
      await route.fulfill({ json: { slow: true } })
    })
    await openWith(
      [
        "import { openDatabase } from '../../db/pool.ts'",
        'await using db = openDatabase()',
        'await new Promise((done) => setTimeout(done, 3000))',
        "console.log('TIMER')",
        "await db.execute('select pg_sleep(3)')",
        "console.log('QUERY')",
        `console.log('REQUEST', await (await fetch('${browser.url}slow.json')).json())`,
      ].join('\n'),
    )
    await run()
    assert.equal(await printed(), 'TIMER\nQUERY\nREQUEST { slow: true }\n')
    assert.match(await note(), /^Exit code 0,/)
  })

  test('prints by all of console, and ends by process.exit: as on Node', async () => {
    const script = `
      console.log('%s is %d', 'one', 1, { a: { b: { c: { d: 1 } } } })
      console.table([{ a: 1, b: 'x' }, { a: 2, c: [1, 2, 3, 4] }, 5])
      console.table([{ a: 1, b: 2 }], ['b'])
      console.table({ x: { a: { b: 1 } }, y: { a: null } })
      console.table(new Map([['k', 1]]))
      console.table(new Set(['v']))
      console.table(7)
      console.group('GROUP', 1)
      console.log('two\\nlines')
      console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 })
      console.group()
      console.info('deeper')
      console.groupEnd()
      console.groupEnd()
      console.groupEnd()
      console.debug('out')
      console.dirxml({ a: 1 })
      console.count()
      console.count('name')
      console.count('name')
      console.countReset('name')
      console.count('name')
      console.assert(true, 'not said')
      console.time('t')
      console.timeLog('t', 'so far')
      console.timeEnd('t')
      process.stdout.write('no line')
      process.exit(7)
      console.log('never')`
    const node = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    })
    await openWith(script)
    await run()
    const withoutTimes = (text: string) => text.replace(/t: [\d.]+m?s/g, 't: TIME')
    assert.equal(withoutTimes(await printed()), withoutTimes(node.stdout))
    assert.equal(node.status, 7)
    assert.match(await note(), /^Exit code 7,/)
  })

  test('warns by console: on stderr, as on Node', async () => {
    const script = `
      console.assert(false)
      console.assert(false, 'with %s', 'words')
      console.group('G')
      console.error('indented')
      console.groupEnd()
      console.warn('%o', 1)`
    const node = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    })
    await openWith(script)
    await run()
    const errors = await page.locator('.pane .printed .error').allTextContents()
    assert.equal(errors.join(''), node.stderr)
  })

  test('prints codes for a terminal: the page shows none', async () => {
    await openWith("console.log('\\u001b[31mRED\\u001b[0m')\nconsole.log(['\\u001b[1m'])\n")
    await run()
    assert.equal(await printed(), "RED\n[ '\\x1B[1m' ]\n")
  })

  test('declares a name twice: the line of it', async () => {
    await openWith('const a = 1\nconsole.log(a)\nconst a = 2\n')
    await run()
    assert.match(
      await printed(),
      /^connection failed: SyntaxError: src\/lessons\/connection\/connection\.ts: .*'a'.* \(3:\d+\)\n$/,
    )
    assert.equal(await page.textContent('.error-line'), 'const a = 2')
  })

  test('is started by Ctrl+Enter, wherever the focus is: the source stays as it is', async () => {
    await open('connection')
    await page.keyboard.press('Control+Enter')
    await untilNote('Exit code 0')
    assert.equal(await printed(), transcript('connection'))
    await page.focus('.pane .source')
    await page.keyboard.press('Control+Enter')
    await untilNote('Exit code 0')
    assert.equal(await page.locator('.cm-editor').count(), 0)
    assert.equal(await printed(), transcript('connection'))
  })

  test('says in the editor that types are not checked', async () => {
    await open('joins')
    assert.equal(await page.isVisible('.pane .types'), false)
    await page.locator('.pane .source:not([hidden]) .line').first().click()
    await page.waitForSelector('.cm-focused')
    assert.match((await page.textContent('.pane .types')) ?? '', /^Types are not checked/)
    assert.ok(await page.isVisible('.pane .types'))
  })

  test('takes the page down, as without memory: the next visit says so, and the edit is there', async () => {
    await openWith("console.log('MINE')\nfor (;;) {}\n")
    await page.click('.pane .run')
    await page.waitForFunction(() => document.querySelector('.printed')?.textContent === 'MINE\n')
    const protocol = await page.context().newCDPSession(page)
    const crash = page.waitForEvent('crash')
    protocol.send('Page.crash').catch(() => {}) // nobody is left to answer
    await crash
    // The page of this library stays crashed. The one of the browser does not.
    await protocol.send('Page.reload')
    const seen = async (expression: string): Promise<string> => {
      const { result } = await protocol.send('Runtime.evaluate', { expression })
      return String(result.value ?? '') || seen(expression)
    }
    assert.equal(
      await seen("document.querySelector('.pane .cm-content')?.textContent"),
      "console.log('MINE')for (;;) {}",
    )
    assert.match(
      await seen("document.querySelector('.pane .note').textContent"),
      /^The last run took the page down, /,
    )
  })

  test('is left in the middle: the next visit says nothing of it', async () => {
    await openWith('for (;;) {}\n')
    await page.click('.pane .run')
    await untilNote('Running')
    await page.reload()
    await page.waitForSelector('.cm-editor')
    assert.match(await note(), /^As recorded/)
  })
})

describe('a page that is not there', { skip: noBrowser }, () => {
  let browser: SiteBrowser
  before(async () => {
    browser = await openBrowser()
  })
  after(() => browser.close())

  test('is answered by the page of the site that says so', async () => {
    const page = await (await browser.newReader()).newPage()
    const response = await page.goto(`${browser.url}no-such-page.html`)
    assert.equal(response?.status(), 404)
    assert.match(response?.headers()['content-type'] ?? '', /^text\/html/)
    await page.waitForSelector('h1:has-text("There is no such page")')
    await page.click('.not-found a')
    await page.waitForSelector('h1:has-text("The course")')
    await page.context().close()
  })

  test('is one that could not be loaded: it says that the reader is offline, and loads it later', async () => {
    const reader = await browser.newReader({ viewport: { width: 1440, height: 900 } })
    const page = await reader.newPage()
    await page.goto(`${browser.url}connection.html`)
    await page.waitForSelector('html[data-ready]')
    await page.route('**/*', (route) => route.abort('internetdisconnected'))
    await reader.setOffline(true)
    await page.click('.VPDocFooter .next')
    await page.waitForSelector('h1:has-text("You are offline")')
    await page.unroute('**/*')
    await reader.setOffline(false)
    await page.click('.not-found button')
    await page.waitForSelector('.pane[data-lesson="models"]')
    await reader.close()
  })
})
