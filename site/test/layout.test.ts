/** Where the parts of a lesson stand: at each common width, in low windows, on paper, and without JavaScript. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { pageOf, transcriptsOf } from '../../test/docs.ts'
import { noBrowser, openBrowser, readerOn, type SiteBrowser } from './browser.ts'

/** What is to be reached in the column, by its selector. */
const buttons = ['.fold', '.run', '.stop', '.reset']

describe('the layout of a lesson', { skip: noBrowser }, () => {
  let browser: SiteBrowser
  let page: Page

  before(async () => {
    browser = await openBrowser()
  })
  after(() => browser.close())
  beforeEach(async () => {
    page = await (await browser.newReader()).newPage()
  })
  afterEach(() => page.context().close())

  const { open } = readerOn(
    () => page,
    () => browser,
  )
  const box = (selector: string) =>
    page.evaluate((one) => {
      const { left, right, top, bottom } =
        document.querySelector(one)?.getBoundingClientRect() ?? new DOMRect()
      return { left, right, top, bottom }
    }, selector)
  /** Those of the elements that are shown but lie outside the window or under something else. */
  const covered = (selectors: string[]) =>
    page.evaluate(
      (all) =>
        all.filter((selector) =>
          [...document.querySelectorAll<HTMLElement>(selector)]
            .filter((element) => element.offsetParent !== null)
            .some((element) => {
              const { left, right, top, bottom } = element.getBoundingClientRect()
              const corners = [left + 3, right - 3].flatMap((x) =>
                [top + 3, bottom - 3].map((y) => [x, y]),
              )
              return corners.some(([x = 0, y = 0]) => {
                const hit = document.elementFromPoint(x, y)
                return !hit || !element.contains(hit)
              })
            }),
        ),
      selectors,
    )

  for (const width of [390, 768, 1024, 1280, 1440, 1600, 1920]) {
    const hasColumn = width >= 1280
    const hasMenu = width < 960 || (width >= 1280 && width < 1680)

    for (const colorScheme of ['light', 'dark'] as const) {
      test(`${width} px, ${colorScheme}: a reader scrolls, and nothing shows through the header`, async () => {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 900 })
        await open('models')
        await page.evaluate(() => scrollTo(0, 700))
        await page.waitForFunction(() => !document.querySelector('.VPNavBar.top'))
        const { top, bottom } = await box(width < 960 ? '.VPLocalNav' : '.VPNavBar')
        const clip = { x: 0, y: top, width, height: bottom - top }
        const header = await page.screenshot({ clip })
        for (const y of [711, 760, 1200]) {
          await page.evaluate((to) => scrollTo(0, to), y)
          assert.ok(header.equals(await page.screenshot({ clip })), `scrolled to ${y}`)
        }
      })
    }

    test(`${width} px: the article, the column and the list of lessons stand side by side`, async () => {
      await page.setViewportSize({ width, height: 900 })
      await open('models')
      const sidebar = await box('.VPSidebar')
      const article = await box('.vp-doc > div')
      const pane = await box('.pane')
      if (!hasMenu) {
        assert.equal(sidebar.left, 0)
        assert.ok(pane.left >= sidebar.right, 'the column is beside the list')
        assert.ok(article.left >= sidebar.right, 'the article is beside the list')
      }
      if (hasColumn) assert.ok(pane.left >= article.right, 'the column is beside the article')
      assert.equal(pane.right, width)
      assert.ok(article.right <= width)
      // At the end of the page, the folded column hides nothing of it.
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
      const footer = await box('.VPDocFooter')
      if (!hasColumn) assert.ok(footer.bottom <= pane.top, 'the end can be read')
    })

    test(`${width} px: the list of lessons opens, and a lesson in it can be clicked`, async () => {
      await page.setViewportSize({ width, height: 900 })
      await open('models')
      if (hasMenu) {
        assert.deepEqual(await covered(['.VPLocalNav .menu']), [])
        await page.click('.VPLocalNav .menu')
        await page.waitForSelector('.VPSidebar.open')
      }
      await page.click('.VPSidebar a[href$="/select.html"]', { timeout: 5000 })
      await page.waitForSelector('.pane[data-lesson="select"]')
      await page.waitForSelector('.VPBackdrop', { state: 'detached' })
    })

    test(`${width} px: the buttons of the column can be reached, before a run, during it and after an edit`, async () => {
      await page.setViewportSize({ width, height: 900 })
      await open('connection')
      assert.deepEqual(await covered(buttons), [])
      if (!hasColumn) await page.click('.pane .fold')
      await page.locator('.pane .line', { hasText: 'console.log(`SELECT 1:' }).click()
      await page.waitForSelector('.cm-focused')
      await page.keyboard.type('for (;;) {};')
      assert.deepEqual(await covered(buttons), [])
      await page.click('.pane .run')
      assert.ok(await page.isVisible('.pane .stop'))
      assert.deepEqual(await covered(buttons), [])
      await page.click('.pane .stop')
      if (!hasColumn) {
        await page.click('.pane .fold')
        assert.equal(await page.isVisible('.pane .source'), false)
      }
    })
  }

  // A phone on its side, a laptop at 200 percent, and one at 400.
  for (const [width, height] of [
    [844, 390],
    [720, 450],
    [320, 256],
    [1024, 500],
    [1440, 400],
  ] as const) {
    test(`a window of ${width} x ${height} px: the open column can be run, stopped and folded`, async () => {
      await page.setViewportSize({ width, height })
      await open('connection')
      assert.deepEqual(await covered(buttons), [])
      if (width < 1280) await page.click('.pane .fold')
      assert.ok(await page.isVisible('.pane .source'))
      assert.deepEqual(await covered(buttons), [])
      const { top, bottom } = await box('.pane .source')
      assert.ok(bottom - top >= 60, `${bottom - top} px of the source`)
      await page.locator('.pane .line').first().click()
      await page.waitForSelector('.cm-focused')
      const printed = await box('.pane .printed')
      assert.ok(
        printed.bottom - printed.top >= 18 && printed.top <= height - 18,
        'a line of output',
      )
      await page.click('.pane .run')
      assert.deepEqual(await covered(buttons), [])
      if (width < 1280) {
        await page.click('.pane .fold')
        assert.equal(await page.isVisible('.pane .source'), false)
      }
    })
  }

  for (const width of [390, 794, 1100, 1440]) {
    test(`on paper, ${width} px: the article, every file and the output, nothing cut or covered`, async () => {
      await page.setViewportSize({ width, height: 1100 })
      await open('models')
      await page.emulateMedia({ media: 'print' })
      assert.deepEqual(await shown(['.VPNav', '.VPLocalNav', '.VPSidebar', '.pane .bar']), [])
      await assertReadable()
      const wide = await page
        .locator('.vp-doc pre, .vp-doc table, .pane pre')
        .evaluateAll((all) =>
          all
            .filter(
              (each) =>
                each.getBoundingClientRect().right > innerWidth ||
                each.scrollWidth > each.clientWidth + 1,
            )
            .map(({ textContent }) => textContent),
        )
      assert.deepEqual(wide, [])
    })
  }

  test('on paper, dark: it is printed in light colours', async () => {
    await page.emulateMedia({ colorScheme: 'dark' })
    await open('models')
    const isDark = () => page.evaluate(() => document.documentElement.classList.contains('dark'))
    assert.ok(await isDark())
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
    assert.equal(await isDark(), false)
    await page.evaluate(() => dispatchEvent(new Event('afterprint')))
    assert.ok(await isDark())
  })

  for (const width of [390, 1024, 1280, 1440, 1920]) {
    test(`without JavaScript, ${width} px: every file and the output, and no dead button`, async () => {
      const plain = await browser.newReader({ javaScriptEnabled: false })
      page = await plain.newPage()
      await page.setViewportSize({ width, height: 900 })
      await page.goto(`${browser.url}models.html`)
      assert.deepEqual(await shown(['button', '[role=switch]', '#local-search']), [])
      await assertReadable()
      await page.click('.VPSidebar a[href$="/select.html"]')
      await page.waitForURL('**/select.html')
      await plain.close()
    })
  }

  /** Those of the elements that are seen. */
  async function shown(selectors: string[]): Promise<string[]> {
    const found = selectors.map((selector) => page.locator(`${selector}:visible`))
    const counts = await Promise.all(found.map((each) => each.count()))
    return selectors.filter((_, i) => counts[i] !== 0)
  }

  /** Everything stands below another, in its order, and is as wide as its text. */
  async function assertReadable(): Promise<void> {
    const parts = ['h1', '.vp-doc p', '.pane .source', '.pane .output']
    const boxes = await Promise.all(parts.map((part) => page.locator(part).first().boundingBox()))
    const sources = await page.locator('.pane .source').count()
    assert.ok(sources > 1)
    assert.equal(await page.locator('.pane .source:visible').count(), sources)
    assert.equal(
      await page.textContent('.pane .printed'),
      transcriptsOf(pageOf('models'))[0]?.output,
    )
    const all = await page.locator('.pane .source').all()
    const files = await Promise.all(all.map((each) => each.boundingBox()))
    const order = [boxes[0], boxes[1], ...files, boxes[3]]
    for (const [i, each] of order.entries()) {
      const above = order[i - 1]
      assert.ok(each && each.height > 0, `part ${i}`)
      if (above) assert.ok(each.y >= above.y + above.height - 1, `part ${i} is below part ${i - 1}`)
    }
  }
})
