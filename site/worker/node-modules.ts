/** What a lesson finds in the browser where it imports from Node, and what it finds without an import. */
import { Buffer } from 'buffer'
import { EventEmitter } from 'events'
import { format, inspect } from 'node-inspect-extracted'

/** What the lesson writes, and whether it goes to stderr. */
export type Print = (text: string, isError: boolean) => void

/** The timers of a lesson: while one is set, the program is not at its end. */
export function lessonTimers() {
  const running = new Set<number>()
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
  }
  return { timers, runningCount: () => running.size }
}

/** As much of `process` as the lessons use. */
export function processFor(print: Print) {
  const stream = (isError: boolean) => ({
    write: (text: string) => print(text, isError),
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
    nextTick: (work: () => void) => queueMicrotask(work),
  }
  return process
}

/** Makes `console` write as Node does. */
export function consoleFor(print: Print): Partial<Console> {
  const line =
    (isError: boolean) =>
    (...values: unknown[]) =>
      print(`${format(...values)}\n`, isError)
  return {
    log: line(false),
    info: line(false),
    debug: line(false),
    warn: line(true),
    error: line(true),
    table: line(false),
  }
}

/** The modules of Node that lessons import, by name. */
export const nodeModules: Record<string, Record<string, unknown>> = {
  'node:crypto': { randomUUID: () => crypto.randomUUID() },
  'node:events': { EventEmitter, once: EventEmitter.once },
  'node:util': { inspect, format },
  'node:url': { fileURLToPath: (url: string | URL) => new URL(url).pathname },
}

export { Buffer, inspect }
