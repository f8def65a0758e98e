/** What a reader does with the built site: reads, runs, edits, stops, searches, by mouse and by keyboard. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import type { Page, Request } from 'playwright-core'
import { lessonNames, pageOf, read, transcriptsOf } from '../../test/docs.ts'
import { recordedBecause } from '../lessons.ts'
import { noBrowser, openBrowser, readerOn, type SiteBrowser } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

describe('a reader', { skip: noBrowser }, () => {
  let browser: SiteBrowser
  let page: Page
  /** What the page asked for, and what went wrong on it. */
  const requests: string[] = []
  const complaints: string[] = []

  before(async () => {
    browser = await openBrowser()
  })
  after(() => browser.close())

  beforeEach(async () => {
    const reader = await browser.newReader({ viewport: { width: 1440, height: 900 } })
    page = await reader.newPage()
    requests.length = 0
    complaints.length = 0
    page.on('request', (request) => requests.push(request.url()))
    page.on('pageerror', ({ message }) => complaints.push(message))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
  })
  afterEach(async () => {
    // A worker kept for the next run may still be loading; what answers it fails if the page is gone first.
    await page.unrouteAll({ behavior: 'wait' })
    await page.context().close()
    const outside = requests.filter(
      (url) => !/^(data|blob):/.test(url) && !url.startsWith(browser.url),
    )
    assert.deepEqual(outside, [])
    assert.deepEqual(complaints, [])
  })

  const { open, printed, note, untilNote, run } = readerOn(
    () => page,
    () => browser,
  )
  /** Opens the editor at a line, and selects that line. */
  const selectLine = async (text: string) => {
    await page.locator('.pane .source:not([hidden]) .line', { hasText: text }).first().click()
    await page.waitForSelector('.cm-focused')
    await page.locator('.cm-line', { hasText: text }).first().click()
    await page.keyboard.press('Home')
    await page.keyboard.press('Shift+End')
  }

  test('opens a lesson: source and transcript are there, and nothing of the engine', async () => {
    await open('connection')
    assert.equal(await printed(), 'SELECT 1: 1\n')
    assert.match(await note(), /^As recorded/)
    assert.ok(await page.isVisible('.pane .run'))
    assert.deepEqual(
      requests.filter((url) => url.includes('/engine/')),
      [],
    )
  })

  test('runs it, and runs it again', async () => {
    await open('connection')
    for (let i = 0; i < 2; i += 1) {
      await run()
      assert.equal(await printed(), 'SELECT 1: 1\n')
      assert.match(await note(), /^Exit code 0, after \d+ ms\.$/)
    }
  })

  test('edits it: another output; a reload keeps the edit, and Reset undoes it', async () => {
    await open('connection')
    await selectLine('console.log(`SELECT 1:')
    await page.keyboard.type("console.log('MINE:', row?.one)")
    assert.ok(await page.isVisible('.pane .edited'))
    await page.keyboard.press('Control+Enter')
    await untilNote('Exit code')
    assert.equal(await printed(), 'MINE: 1\n')

    await open('connection')
    await page.waitForSelector('.cm-editor')
    await run()
    assert.equal(await printed(), 'MINE: 1\n')

    await page.click('.pane .reset')
    assert.equal(await page.isVisible('.pane .edited'), false)
    await run()
    assert.equal(await printed(), 'SELECT 1: 1\n')
  })

  test('makes a mistake: the error as on a server, exit code 1, and the line', async () => {
    await open('connection')
    await selectLine('console.log(`SELECT 1:')
    await page.keyboard.type("throw new TypeError('on purpose')")
    await run()
    assert.match(
      await printed(),
      /^connection failed: TypeError: on purpose\n {2}at: src\/lessons\/connection\/connection\.ts:\d+:\d+\n$/,
    )
    assert.match(await note(), /^Exit code 1/)
    assert.match((await page.textContent('.error-line')) ?? '', /on purpose/)
  })

  test('forgets a bracket: the line of the syntax error', async () => {
    await open('select')
    await selectLine('await using db')
    await page.keyboard.type('const x: = 3')
    await run()
    assert.match(await printed(), /^select failed: SyntaxError: /)
    assert.match((await page.textContent('.error-line')) ?? '', /const x: = 3/)
  })

  test('writes a loop without end: Stop ends it, and the next run is a new one', async () => {
    await open('connection')
    await selectLine('console.log(`SELECT 1:')
    await page.keyboard.type("console.log('LOOP'); for (;;) {}")
    await page.click('.pane .run')
    await page.waitForFunction(() => document.querySelector('.printed')?.textContent === 'LOOP\n')
    await page.click('.pane .stop')
    assert.equal(await note(), 'Stopped.')
    await page.click('.pane .reset')
    await run()
    assert.equal(await printed(), 'SELECT 1: 1\n')
  })

  test('prints without end: it is stopped', async () => {
    await open('connection')
    await selectLine('console.log(`SELECT 1:')
    await page.keyboard.type("for (;;) console.log('x'.repeat(1000))")
    await page.click('.pane .run')
    await untilNote('Stopped, since it printed more than')
  })

  test('meets a lesson that does not run here: no button, but the reason and the transcript', async () => {
    for (const name of lessonNames) {
      const reason = recordedBecause(read(pageOf(name)))
      if (!reason) continue
      await open(name)
      assert.equal(await page.locator('.pane .run').count(), 0, name)
      assert.ok((await note()).startsWith(`Recorded on a server: ${reason}.`), name)
      assert.equal(await printed(), transcriptsOf(pageOf(name))[0]?.output, name)
    }
  })

  test('has a browser in which the engine does not start: the transcript stays, with a sentence', async () => {
    await page.route('**/pglite.wasm', (route) => route.abort())
    await open('select')
    const before = await printed()
    await page.click('.pane .run')
    await untilNote('PostgreSQL does not start in this browser')
    assert.equal(await printed(), before)
    assert.ok(await page.isVisible('.pane .run'))
    complaints.length = 0 // the request that was refused
  })

  test('has a browser that does not know `await using`: the lesson runs', async () => {
    let isAsked = false
    await page.route('**/engine/*.js', async (route) => {
      const response = await route.fetch()
      const body = await response.text()
      // What the worker tries, to see whether the browser knows it.
      isAsked ||= body.includes('await using x = null')
      await route.fulfill({
        response,
        body: body.replace('await using x = null', 'not JavaScript'),
      })
    })
    await open('select')
    await run()
    assert.equal(await printed(), transcriptsOf(pageOf('select'))[0]?.output)
    assert.ok(isAsked)
    assert.ok(requests.some((url) => url.includes('lower-using')))
  })

  test('reads on: what is read is lit up in the source, and the numbers lead to each other', async () => {
    await open('select')
    const lit = () =>
      page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('.pane .source:not([hidden]) .line')]
          .filter((line) => getComputedStyle(line).getPropertyValue('--lit') !== '')
          .map(({ dataset }) => dataset.excerpt),
      )
    assert.deepEqual(await lit(), [])
    await page.locator('figure.excerpt[data-excerpt="3"]').hover()
    assert.deepEqual([...new Set(await lit())], ['3'])
    assert.ok(await isWithin('#line-3', '.pane .source:not([hidden])'))
    for (const number of ['1', '2', '3', '4']) {
      await page.locator(`#line-${number}`).click()
      await twoFrames() // in which the page says what has come into view
      assert.deepEqual([...new Set(await lit())], [number])
      assert.ok(await isWithin(`#excerpt-${number}`, 'body'))
    }
    await page.mouse.move(700, 20)
    await page.evaluate(() => {
      const { top = 0 } = document.querySelector('#excerpt-4')?.getBoundingClientRect() ?? {}
      scrollBy(0, top - innerHeight * 0.3)
    })
    await page.waitForFunction(() => {
      const line = document.querySelector('.line[data-excerpt="4"]')
      return line && getComputedStyle(line).getPropertyValue('--lit') !== ''
    })
  })

  const twoFrames = () =>
    page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    )

  /** Whether an element is seen in a box that scrolls, and in the window. */
  const isWithin = (selector: string, box: string) =>
    page.evaluate(
      ([inner = '', outer = '']) => {
        const a = document.querySelector(inner)?.getBoundingClientRect()
        const b = document.querySelector(outer)?.getBoundingClientRect()
        return Boolean(
          a && b && a.top >= Math.max(0, b.top) && a.top < Math.min(innerHeight, b.bottom),
        )
      },
      [selector, box],
    )

  test('searches', async () => {
    await open('connection')
    await page.keyboard.press('Control+k')
    await page.fill('.VPLocalSearchBox input', 'savepoint')
    await page.waitForSelector('.VPLocalSearchBox .results a')
    const hits = await page
      .locator('.VPLocalSearchBox .results a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
    assert.ok(
      hits.some((href) => href.includes('/savepoints.html')),
      hits.join(' '),
    )
    await page.keyboard.press('Enter')
    await page.waitForSelector('h1:has-text("savepoints")')
  })

  test('goes from lesson to lesson, and runs the second one', async () => {
    await open('connection')
    await run()
    await page.click('.VPDocFooter .next')
    await page.waitForSelector('.pane[data-lesson="models"]')
    await run()
    assert.match(await printed(), /^TABLES CREATED: items\n/)
  })

  test('switches to dark, and back', async () => {
    await open('select')
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await background()
    await page.click('.VPNavBarAppearance button')
    assert.notEqual(await background(), light)
    await page.click('.VPNavBarAppearance button')
    assert.equal(await background(), light)
  })

  test('has no mouse: Tab reaches Run, and Enter runs', async () => {
    await open('connection')
    for (let i = 0; i < 300; i += 1) {
      await page.keyboard.press('Tab')
      if (await page.evaluate(() => document.activeElement?.classList.contains('run'))) break
    }
    await page.keyboard.press('Enter')
    await untilNote('Exit code')
    assert.equal(await printed(), 'SELECT 1: 1\n')
    // The source is next. Enter opens the editor, and Tab leaves it.
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.cm-focused')
    await page.keyboard.press('Tab')
    await page.waitForSelector('.cm-focused', { state: 'detached' })
  })

  for (const width of [390, 1280, 1440]) {
    test(`has a window of ${width} pixels`, async () => {
      await page.setViewportSize({ width, height: 844 })
      for (const name of ['index', 'models', 'crosswalk', 'benchmark']) {
        await page.goto(`${browser.url}${name}.html`)
        const overflow = () =>
          page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        assert.equal(await overflow(), 0, name)
      }
      await open('select')
      if (width < 1280) {
        assert.equal(await page.isVisible('.pane .source'), false)
        await page.click('.pane .fold')
      }
      assert.ok(await page.isVisible('.pane .source'))
      await run()
      assert.equal(await printed(), transcriptsOf(pageOf('select'))[0]?.output)
      if (width >= 1280) assert.ok((await columns()) >= 80, `${await columns()} columns`)
      await selectLine('await using db')
      await page.keyboard.press('End')
      await page.keyboard.type("; console.log('MINE')")
      await run()
      assert.ok((await printed()).startsWith('MINE\n'), await printed())
      await page.click('.pane .reset')
      assert.equal(await printed(), transcriptsOf(pageOf('select'))[0]?.output)
    })
  }

  /** How many columns of code the source shows. */
  const columns = () =>
    page.evaluate(() => {
      const line = document.querySelector('.pane .line')
      if (!line) return 0
      const { paddingLeft, paddingRight } = getComputedStyle(line)
      const probe = line.appendChild(document.createElement('span'))
      probe.textContent = '0'.repeat(10)
      const width = probe.getBoundingClientRect().width / 10
      probe.remove()
      const room =
        line.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)
      return Math.floor(room / width)
    })

  test('has switched JavaScript off: article, source and transcript are there', async () => {
    const plain = await browser.newReader({ javaScriptEnabled: false })
    const reader = await plain.newPage()
    for (const width of [390, 1440]) {
      await reader.setViewportSize({ width, height: 844 })
      await reader.goto(`${browser.url}select.html`)
      assert.ok(await reader.isVisible('h1'))
      assert.ok(await reader.isVisible('.pane .source .line'))
      assert.equal(
        await reader.textContent('.pane .printed'),
        transcriptsOf(pageOf('select'))[0]?.output,
      )
      assert.equal(await reader.isVisible('.pane .run'), false)
    }
    await plain.close()
  })

  for (const name of ['connection', 'models', 'benchmark', 'crosswalk']) {
    test(`gets ${name} in less than 300 KB, all in all`, async () => {
      const finished: Request[] = []
      page.on('requestfinished', (request) => finished.push(request))
      await page.goto(`${browser.url}${name}.html`, { waitUntil: 'networkidle' })
      const sizes = await Promise.all(finished.map((request) => request.sizes()))
      const bytes = sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0)
      assert.ok(bytes > 10_000 && bytes < 300_000, `${bytes} bytes`)
    })
  }

  for (const theme of ['light', 'dark']) {
    test(`uses a screen reader: axe-core finds nothing serious, ${theme}`, async () => {
      for (const name of ['index', 'connection', 'locking', 'crosswalk', 'questions']) {
        await page.goto(`${browser.url}${name}.html`)
        await page.waitForSelector('html[data-ready]')
        await page.evaluate(
          (dark) => document.documentElement.classList.toggle('dark', dark),
          theme === 'dark',
        )
        await page.evaluate(axe)
        const found = await page.evaluate('axe.run()')
        assert.deepEqual(seriousOf(found), [], name)
      }
    })
  }

  test('looks at the pictures of the benchmark', async () => {
    await page.goto(`${browser.url}benchmark.html`, { waitUntil: 'networkidle' })
    const widths = await page
      .locator('.vp-doc img')
      .evaluateAll((images: HTMLImageElement[]) => images.map((image) => image.naturalWidth))
    assert.equal(widths.filter((width) => width > 0).length, 2)
  })

  test('opens a file that a page links to', async () => {
    await open('connection')
    const target = await page.getAttribute('.vp-doc a[href*="/files/"]', 'href')
    const response = await page.request.get(new URL(target ?? '', browser.url).href)
    assert.equal(response.status(), 200)
    assert.match(await response.text(), /await using db = openDatabase\(\)/)
  })

  test('finds every lesson in the list at the side', async () => {
    await page.goto(browser.url)
    const links = await page
      .locator('.VPSidebar a')
      .evaluateAll((all) =>
        all.map((link) => /([a-z-]+)\.html$/.exec(link.getAttribute('href') ?? '')?.[1] ?? ''),
      )
    assert.deepEqual(
      links.filter((name) => lessonNames.includes(name)),
      lessonNames,
    )
  })
})

interface Finding {
  id: string
  impact: string
  nodes: { target: string[] }[]
}

/** What axe-core calls serious or critical, and where. */
function seriousOf(found: unknown): string[] {
  assert.ok(typeof found === 'object' && found !== null && 'violations' in found)
  const violations = found.violations as Finding[] // as axe-core documents its result
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).slice(0, 3)}`)
}
