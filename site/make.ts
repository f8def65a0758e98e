/**
 * Makes the site in .made/site, once for each state of what it is made of:
 *
 *   node --import tsx site/make.ts
 *
 * SITE_BASE is the path that it will be served under: `/learning-drizzle/` unless it is set.
 */
import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** The folder of the finished site, and of what it is made with. */
export const siteFolder = join(root, '.made/site')

// The pages and what they link to, and this folder. What is installed there is known by the lockfile.
const parts = ['docs', 'docker', 'src', 'embedded', 'site', 'test', 'tools']
const isOther = /(^|\/)(node_modules|test\/.*\.test\.ts)(\/|$)/

function digest(): string {
  const hash = createHash('sha256').update(process.env.SITE_BASE ?? '')
  for (const part of parts) {
    const entries = readdirSync(join(root, part), { recursive: true, withFileTypes: true })
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(root.length))
    for (const file of files.filter((file) => !isOther.test(file)).sort())
      hash.update(`${file}\n`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

function madeOf(): string | undefined {
  try {
    return readFileSync(join(siteFolder, 'made-of'), 'utf8')
  } catch {
    return undefined
  }
}

/** Builds beside the site, then takes its place: a build that fails leaves the site that was there. */
async function make(state: string): Promise<void> {
  console.error('-- Building the site, once for each change ...')
  mkdirSync(join(root, '.made'), { recursive: true })
  const folder = mkdtempSync(`${siteFolder}-`)
  try {
    const { build } = await import('./build.ts')
    await build(folder)
    writeFileSync(join(folder, 'made-of'), state)
    rmSync(siteFolder, { recursive: true, force: true })
    renameSync(folder, siteFolder)
  } catch (error) {
    // Another shell may have been quicker with the same.
    if (madeOf() !== state) throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === import.meta.filename) {
  const state = digest()
  if (madeOf() !== state) await make(state)
}
