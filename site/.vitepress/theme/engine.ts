/** Runs lessons in workers: one for each run, started before it is needed. */
import type { FromWorker, ToWorker } from '../../worker/messages.ts'

export interface Listener {
  started: () => void
  printed: (text: string, isError: boolean) => void
  ended: (code: number, milliseconds: number) => void
  /** PostgreSQL does not start in this browser. */
  failed: (reason: string) => void
}

// A phone has no memory for a second PostgreSQL that nobody may ever need.
const hasSpare = () => !matchMedia('(pointer: coarse)').matches

/** @param base where the files of the engine are. */
export function createEngine(base: string) {
  let worker: Worker | undefined
  let listener: Listener | undefined

  /** Starts PostgreSQL for the next run, if it is not up yet. */
  function warm(): Worker {
    if (worker) return worker
    const started = new Worker(`${base}worker.js`, { type: 'module' })
    const hearIt = (message: FromWorker) => void (worker === started && hear(message))
    started.onmessage = ({ data }: MessageEvent<FromWorker>) => hearIt(data)
    started.onerror = ({ message }) =>
      hearIt({ type: 'failed', reason: message || 'its files could not be loaded' })
    worker = started
    return started
  }

  function hear(message: FromWorker): void {
    const current = listener
    if (message.type === 'printed') current?.printed(message.text, message.isError)
    else if (message.type === 'ended') current?.ended(message.code, message.milliseconds)
    else if (message.type === 'started') current?.started()
    else if (message.type === 'failed') {
      discard()
      current?.failed(message.reason)
    }
  }

  function discard(): void {
    worker?.terminate()
    worker = undefined
    listener = undefined
  }

  return {
    warm,
    discard,
    /** Ends the run, and makes the next one ready. */
    end(): void {
      const wasRunning = worker !== undefined
      discard()
      if (wasRunning && hasSpare()) warm()
    },
    /** Runs a lesson. What was edited takes the place of the files that are there. */
    async run(lesson: string, edited: Record<string, string>, to: Listener): Promise<void> {
      listener = to
      const current = warm()
      try {
        const shared: Record<string, string> = await (await fetch(`${base}files.json`)).json()
        const message: ToWorker = { lesson, files: { ...shared, ...edited } }
        if (worker === current) current.postMessage(message)
      } catch (error) {
        hear({ type: 'failed', reason: String(error) })
      }
    },
  }
}
