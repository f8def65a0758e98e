/** What a lesson prints, on its way to the page. */
import { stripVTControlCharacters } from 'node-inspect-extracted'
import type { FromWorker } from './messages.ts'
import type { Print } from './node-modules.ts'

const atOnce = 1000 // prints that are sent one by one, so that a loop without end does not hold them back
const largest = 8192 // characters that are held back at most
const longestWait = 50 // milliseconds for which they are

/**
 * Sends what is printed. A script that prints very much would drown the page in messages: then many become one,
 * and as on Node the two streams keep their own order, not that between them.
 *
 * @returns `print`, and `flush`, which sends what is still held back.
 */
export function outputFor(tell: (message: FromWorker) => void): {
  print: Print
  flush: () => void
} {
  let count = 0
  let since = 0
  let held = { output: '', errors: '' }

  function flush(): void {
    const { output, errors } = held
    held = { output: '', errors: '' }
    if (output) tell({ type: 'printed', text: output, isError: false })
    if (errors) tell({ type: 'printed', text: errors, isError: true })
  }

  function print(text: string, isError: boolean): void {
    count += 1
    if (!held.output && !held.errors) {
      since = performance.now()
      if (count > atOnce) self.setTimeout(flush, longestWait)
    }
    // A terminal would show these as colours. A page shows the codes.
    held[isError ? 'errors' : 'output'] += stripVTControlCharacters(text)
    const isLarge = held.output.length + held.errors.length > largest
    if (count <= atOnce || isLarge || performance.now() - since > longestWait) flush()
  }

  return { print, flush }
}
