/** Builds the site: the worker, the database that it begins with, and the pages. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { PGlite } from '@electric-sql/pglite'
import { build as bundle, type Plugin } from 'esbuild'
import { build as buildPages } from 'vitepress'

const here = import.meta.dirname
const root = join(here, '..')

/** The worker that runs a lesson, with all that it can import. */
async function bundleWorker(engine: string): Promise<void> {
  await bundle({
    entryPoints: [join(here, 'worker/worker.ts')],
    outdir: engine,
    absWorkingDir: here,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd'], // what postgres.js has for a place without Node
    // Names stay as they are: an error is printed with that of its class.
    minifyWhitespace: true,
    minifySyntax: true,
    keepNames: true,
    logLevel: 'error',
    plugins: [withoutNode],
  })
}

/** Buffers and events have packages of their own. The driver and PGlite use the rest of Node only on Node. */
const withoutNode: Plugin = {
  name: 'without-node',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^(node:)?(buffer|events)$/ }, ({ path, kind }) =>
      resolve(`./node_modules/${path.replace('node:', '')}/`, { resolveDir: here, kind }),
    )
    onResolve({ filter: /^(node:.*|cloudflare:sockets|[a-z_/]+)$/ }, ({ path }) => {
      const isOfNode = /:/.test(path) || builtinModules.includes(path)
      return isOfNode ? { path, namespace: 'nothing' } : undefined
    })
    onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {}' }))
  },
}

/** PGlite's program and files, and a cluster that is made here, so that a browser need not make one. */
async function packDatabase(engine: string): Promise<void> {
  const pglite = join(here, 'node_modules/@electric-sql/pglite/dist')
  const pack = (name: string, content: Uint8Array) =>
    writeFileSync(join(engine, name), gzipSync(content, { level: 9 }))
  for (const name of ['pglite.wasm', 'pg_trgm.tar.gz'])
    copyFileSync(join(pglite, name), join(engine, name))
  pack('pglite.data.gz', readFileSync(join(pglite, 'pglite.data')))
  const database = await PGlite.create()
  await database.exec('checkpoint')
  const cluster = await database.dumpDataDir('none')
  await database.close()
  pack('cluster.tar.gz', withoutTemplates(Buffer.from(await cluster.arrayBuffer())))
}

/** A tar of a cluster without the files of template0 and template1: half of it, and a lesson has no use for them. */
function withoutTemplates(tar: Buffer): Buffer {
  const block = 512
  const kept: Buffer[] = []
  for (let at = 0; at < tar.length; ) {
    const name = tar.toString('latin1', at, at + 100).replace(/\0.*/s, '')
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8) || 0
    const end = at + block + Math.ceil(size / block) * block
    if (!/^\/?base\/[14]\/(?!PG_VERSION)./.test(name)) kept.push(tar.subarray(at, end))
    at = end
  }
  return Buffer.concat(kept)
}

/** What the lessons share, and what tells their errors. */
function sharedFiles(): Record<string, string> {
  const names = ['src/db', 'src/runner', 'src/lessons/shared'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name}`,
    ),
  )
  const sources = names.filter((name) => /^(?!.*\.test\.ts$).*\.ts$/.test(name))
  return Object.fromEntries(
    sources.map((name) => [`/app/${name}`, readFileSync(join(root, name), 'utf8')]),
  )
}

/** Builds the site into a new folder: the finished site is in `dist`, the rest is what it was built with. */
export async function build(folder: string): Promise<void> {
  const engine = join(folder, 'public/engine')
  mkdirSync(engine, { recursive: true })
  await Promise.all([bundleWorker(engine), packDatabase(engine)])
  writeFileSync(join(engine, 'files.json'), JSON.stringify(sharedFiles()))
  process.env.SITE_FOLDER = folder // for .vitepress/config.ts
  await buildPages(here)
}
