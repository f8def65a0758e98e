/** What the page and the worker say to each other. */
import type { Files } from './modules.ts'

/** Run this lesson, which is one of the files. */
export interface ToWorker {
  lesson: string
  files: Files
}

export type FromWorker =
  /** PostgreSQL does not start in this browser. */
  | { type: 'failed'; reason: string }
  /** The script runs: what is wrong from now on is its own. */
  | { type: 'started' }
  | { type: 'printed'; text: string; isError: boolean }
  /** The lesson is at its end. */
  | { type: 'ended'; code: number; milliseconds: number }
