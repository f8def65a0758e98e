/** Every lesson in a browser: it prints what its page shows, but for those that are marked as recorded. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { BrowserContext } from 'playwright-core'
import {
  lessonNames,
  pageOf,
  read,
  scriptOf,
  transcriptsOf,
  withPlaceholders,
} from '../../test/docs.ts'
import { recordedBecause } from '../lessons.ts'
import type { FromWorker } from '../worker/messages.ts'
import { noBrowser, openBrowser, type SiteBrowser } from './browser.ts'

describe('in a browser', { skip: noBrowser, concurrency: 2 }, () => {
  let browser: SiteBrowser
  let reader: BrowserContext
  before(async () => {
    browser = await openBrowser()
    reader = await browser.newReader()
  })
  after(() => browser.close())

  for (const name of lessonNames) {
    const reason = recordedBecause(read(pageOf(name)))
    test(`${name}${reason ? ` does not run: ${reason}` : ''}`, async () => {
      // One that needs a second session may wait for ever.
      const printed = withPlaceholders(await run(name, reason ? 10_000 : 60_000))
      const [transcript] = transcriptsOf(pageOf(name))
      if (reason) assert.notEqual(printed, transcript?.output)
      else assert.equal(printed, transcript?.output)
    })
  }

  /** All that a lesson prints, within so many milliseconds. */
  async function run(name: string, patience: number): Promise<string> {
    const page = await reader.newPage()
    await page.goto(`${browser.url}404.html`)
    const file = scriptOf(name)
    const printed = await page.evaluate(
      async ({ engine, lesson, path, source, patience }) => {
        const shared = await (await fetch(`${engine}files.json`)).json()
        const worker = new Worker(`${engine}worker.js`, { type: 'module' })
        return new Promise<string>((resolve) => {
          let text = ''
          const end = (last: string) => resolve(text + last)
          setTimeout(end, patience, 'It did not end.')
          worker.onerror = ({ message }) => end(message)
          worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
            if (data.type === 'printed') text += data.text
            else if (data.type === 'failed') end(data.reason)
            else if (data.type === 'ended') end('')
          }
          worker.postMessage({ lesson, files: { ...shared, [path]: source } })
        })
      },
      {
        engine: `${browser.url}engine/`,
        lesson: name,
        path: `/app/${file}`,
        source: read(file),
        patience,
      },
    )
    await page.close()
    return printed
  }
})
