/** The built site, served below a path as on a host of static pages, and a browser to read it with. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import { siteFolder } from '../make.ts'
import { serve } from '../serve.ts'

const places = [process.env.CHROME_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome']
const executablePath = places.find((path) => path && existsSync(path))

/** Why the tests that need a browser are skipped, if they are. */
export const noBrowser = !executablePath && 'there is no Chromium: set CHROME_PATH'

const quiet = [
  '--no-sandbox', // root may run the tests
  '--disable-gpu',
  '--disable-dev-shm-usage', // a container may have little of it
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A browser, and the address of the site. */
export interface SiteBrowser {
  url: string
  /** A reader with an empty profile. */
  newReader: (options?: BrowserContextOptions) => Promise<BrowserContext>
  close: () => Promise<void>
}

export async function openBrowser(): Promise<SiteBrowser> {
  const { server, url } = await serve(join(siteFolder, 'dist'))
  const browser = await chromium.launch({ executablePath: executablePath ?? '', args: quiet })
  return {
    url,
    async newReader(options) {
      const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
      // tsx gives names to functions by a helper, which a function that is sent to the page has to find there.
      await context.addInitScript('globalThis.__name = (value) => value')
      return context
    },
    async close() {
      await browser.close()
      server.close()
      server.closeAllConnections()
    },
  }
}

/** What a reader does on the page of a lesson. The page and the browser are asked for each time: tests open new ones. */
export function readerOn(page: () => Page, browser: () => SiteBrowser) {
  const untilNote = (words: string) =>
    page().waitForFunction(
      (part) => document.querySelector('.pane .note')?.textContent?.includes(part),
      words,
    )
  return {
    async open(name: string) {
      await page().goto(`${browser().url}${name}.html`)
      await page().waitForSelector('html[data-ready]')
    },
    printed: async () => (await page().textContent('.pane .printed')) ?? '',
    note: async () => (await page().textContent('.pane .note')) ?? '',
    untilNote,
    /** Runs the lesson to its end. */
    async run() {
      await page().click('.pane .run')
      await untilNote('Exit code')
    },
  }
}
