/**
 * One run of a lesson, in a worker of its own: PostgreSQL starts as soon as the worker does, and the lesson when
 * it is told to. The database is gone with the worker.
 */
import { type Extension, PGlite } from '@electric-sql/pglite'
import * as drizzle from 'drizzle-orm'
import * as pgCore from 'drizzle-orm/pg-core'
import * as drizzlePostgres from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { consoleFor } from './console.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import { moduleRunner } from './modules.ts'
import { Buffer, inspect, lessonTimers, nodeModules, processFor } from './node-modules.ts'
import { outputFor } from './output.ts'
import { socketsOver } from './sockets.ts'

const unsettledAwait = 13 // the exit code of Node for a script that awaits what never comes
const calmFor = 1000 // milliseconds without anything to wait for, after which nothing is expected to come

const tell = (message: FromWorker) => self.postMessage(message)
const { print, flush } = outputFor(tell)

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
    initdbWasmModule: wasm, // never run, since the cluster is there; without it PGlite asks for a file
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
  const process = processFor(print, exit)
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
  let begin = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const modules = moduleRunner(files, packages, { process, Buffer, ...timers }, () => begin())
  Object.assign(console, consoleFor(print))

  const start = performance.now()
  let hasFailed = false // the error is being told, and ends the run
  function end(code: number): void {
    flush()
    tell({ type: 'ended', code, milliseconds: performance.now() - start })
  }
  function exit(code: number): never {
    end(code)
    for (;;); // Nothing of the script may run after this. The page ends the worker.
  }
  async function fail(error: unknown): Promise<void> {
    if (hasFailed) return
    hasFailed = true
    print(`${lesson} failed: ${await explained(error, modules)}\n`, true)
    end(1)
  }
  self.addEventListener('unhandledrejection', (event) => {
    event.preventDefault()
    fail(event.reason)
  })
  self.addEventListener('error', (event) => {
    event.preventDefault()
    // As in src/run.ts: the driver throws from a timer when it has lost its connection, and its promise tells why.
    const isOfDriver = event.error instanceof TypeError && !event.filename.startsWith('blob:')
    if (!isOfDriver) fail(event.error)
  })
  tell({ type: 'started' })
  try {
    const isWaiting = () => sockets.workCount() + runningCount() > 0
    const isOver = await Promise.race([
      modules.run(`/app/src/lessons/${lesson}/${lesson}.ts`).then(() => true),
      begun.then(() => untilStuck(isWaiting)).then(() => false),
    ])
    if (!isOver && !hasFailed) {
      print(
        `${lesson} waits for something that never comes: no query, timer or request is under way that could settle what it awaits.\n`,
        true,
      )
      end(unsettledAwait)
      return
    }
    await untilIdle(() => sockets.openCount() + runningCount() === 0)
    if (!hasFailed) end(process.exitCode ?? 0)
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

/** Ends when nothing has been under way for a while. */
async function untilStuck(isWaiting: () => boolean): Promise<void> {
  for (let calm = 0; calm < calmFor; calm = isWaiting() ? 0 : calm + 50) {
    await new Promise((resolve) => self.setTimeout(resolve, 50))
  }
}
