/**
 * One run of a lesson, in a worker of its own: PostgreSQL starts as soon as the worker does, and the lesson when
 * it is told to. The database is gone with the worker.
 */
import { type Extension, PGlite } from '@electric-sql/pglite'
import * as drizzle from 'drizzle-orm'
import * as pgCore from 'drizzle-orm/pg-core'
import * as drizzlePostgres from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { FromWorker, ToWorker } from './messages.ts'
import { moduleRunner } from './modules.ts'
import {
  Buffer,
  consoleFor,
  inspect,
  lessonTimers,
  nodeModules,
  processFor,
} from './node-modules.ts'
import { socketsOver } from './sockets.ts'

const tell = (message: FromWorker) => self.postMessage(message)
const print = (text: string, isError: boolean) => tell({ type: 'printed', text, isError })

const file = (name: string) => fetch(new URL(name, import.meta.url))

async function unpacked(name: string): Promise<Blob> {
  const { body } = await file(name)
  if (!body) throw new Error(`${name} is empty`)
  return new Response(body.pipeThrough(new DecompressionStream('gzip'))).blob()
}

/** The extension that the lesson on search uses. */
const trigrams: Extension = {
  name: 'pg_trgm',
  setup: async () => ({ bundlePath: new URL('pg_trgm.tar.gz', import.meta.url) }),
}

/** Starts PostgreSQL on a copy of a cluster that was made beforehand. */
async function startDatabase() {
  const [wasm, fsBundle, loadDataDir] = await Promise.all([
    WebAssembly.compileStreaming(file('pglite.wasm')),
    unpacked('pglite.data.gz'),
    unpacked('cluster.tar.gz'),
  ])
  return PGlite.create({
    pgliteWasmModule: wasm,
    fsBundle,
    loadDataDir,
    extensions: { trigrams },
  })
}

const database = startDatabase()
database.catch((error) =>
  tell({ type: 'failed', reason: error instanceof Error ? error.message : String(error) }),
)
self.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => run(data))

async function run({ lesson, files }: ToWorker): Promise<void> {
  const sockets = socketsOver(await database)
  const { timers, runningCount } = lessonTimers()
  const process = processFor(print)
  const toThisPage = { host: 'browser', ssl: false, socket: sockets.open }
  const driver = (options: object) => postgres({ ...options, ...toThisPage })
  const packages = {
    'drizzle-orm': drizzle,
    'drizzle-orm/pg-core': pgCore,
    'drizzle-orm/postgres-js': drizzlePostgres,
    postgres: { default: Object.assign(driver, postgres) },
    'dotenv/config': {},
    ...nodeModules,
  }
  const modules = moduleRunner(files, packages, { process, Buffer, ...timers })
  Object.assign(console, consoleFor(print))

  const start = performance.now()
  const end = (code: number) =>
    tell({ type: 'ended', code, milliseconds: performance.now() - start })
  const fail = async (error: unknown) => {
    print(`${lesson} failed: ${await explained(error, modules)}\n`, true)
    end(1)
  }
  self.addEventListener('unhandledrejection', (event) => {
    event.preventDefault()
    fail(event.reason)
  })
  try {
    await modules.run(`/app/src/examples/${lesson}.ts`)
    await untilIdle(() => sockets.openCount() + runningCount() === 0)
    end(process.exitCode ?? 0)
  } catch (error) {
    await fail(error)
  }
}

/** As the program says it that runs a lesson on Node. */
async function explained(
  error: unknown,
  modules: ReturnType<typeof moduleRunner>,
): Promise<string> {
  for (let each = error; each instanceof Error; each = each.cause) {
    Object.defineProperty(each, 'stack', { value: modules.withPaths(each.stack ?? '') })
  }
  const { explain } = await modules.run('/app/src/runner/explain.ts')
  return typeof explain === 'function' ? explain(error) : inspect(error)
}

/** A program ends when nothing is open, and when what is already under way has opened nothing either. */
async function untilIdle(isIdle: () => boolean): Promise<void> {
  for (let calm = 0; calm < 3; calm = isIdle() ? calm + 1 : 0) {
    await new Promise((resolve) => self.setTimeout(resolve))
  }
}
