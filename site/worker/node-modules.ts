/** What a lesson finds in the browser where it imports from Node, and what it finds without an import. */
import { Buffer } from 'buffer'
import { EventEmitter } from 'events'
import { format, inspect } from 'node-inspect-extracted'

/** What the lesson writes, and whether it goes to stderr. */
export type Print = (text: string, isError: boolean) => void

/** The timers and requests of a lesson: while one is under way, the program is not at its end. */
export function lessonTimers() {
  const running = new Set<unknown>()
  const timers = {
    setTimeout(work: (...args: unknown[]) => void, milliseconds?: number, ...args: unknown[]) {
      const id = self.setTimeout(() => {
        running.delete(id)
        work(...args)
      }, milliseconds)
      running.add(id)
      return id
    },
    clearTimeout(id: number) {
      running.delete(id)
      self.clearTimeout(id)
    },
    setInterval(work: () => void, milliseconds?: number) {
      const id = self.setInterval(work, milliseconds)
      running.add(id)
      return id
    },
    clearInterval(id: number) {
      running.delete(id)
      self.clearInterval(id)
    },
    async fetch(...request: Parameters<typeof fetch>) {
      running.add(request)
      try {
        return await self.fetch(...request)
      } finally {
        running.delete(request)
      }
    },
  }
  return { timers, runningCount: () => running.size }
}

/**
 * As much of `process` as the lessons use.
 *
 * @param exit ends the run with an exit code, and does not return.
 */
export function processFor(print: Print, exit: (code: number) => never) {
  const stream = (isError: boolean) => ({
    write: (text: unknown) => print(String(text), isError),
    isTTY: false,
  })
  const process = {
    env: { DB_HOST: 'browser', DB_USER: 'postgres', DB_PASS: '-', DB_NAME: 'postgres' },
    argv: ['node', ''],
    exitCode: undefined as number | undefined,
    platform: 'browser',
    stdout: stream(false),
    stderr: stream(true),
    on: () => process,
    once: () => process,
    exit: (code?: number) => exit(code ?? process.exitCode ?? 0),
    nextTick: (work: () => void) => queueMicrotask(work),
  }
  return process
}

/** The modules of Node that lessons import, by name. */
export const nodeModules: Record<string, Record<string, unknown>> = {
  'node:crypto': { randomUUID: () => crypto.randomUUID() },
  'node:events': { EventEmitter, once: EventEmitter.once },
  'node:util': { inspect, format },
  'node:url': { fileURLToPath: (url: string | URL) => new URL(url).pathname },
}

export { Buffer, inspect }
