/** What a lesson prints, on its way to the page. */
import { stripVTControlCharacters } from 'node-inspect-extracted'
import type { FromWorker } from './messages.ts'
import type { Print } from './node-modules.ts'

const atOnce = 1000 // prints that are sent one by one, so that a loop without end does not hold them back
const largest = 8192 // characters that are held back at most
const longestWait = 50 // milliseconds for which they are

/**
 * Sends what is printed. A script that prints very much would drown the page in messages: then many become one.
 *
 * @returns `print`, and `flush`, which sends what is still held back.
 */
export function outputFor(tell: (message: FromWorker) => void): {
  print: Print
  flush: () => void
} {
  let count = 0
  let held = ''
  let isHeldError = false
  let since = 0

  function flush(): void {
    if (held) tell({ type: 'printed', text: held, isError: isHeldError })
    held = ''
  }

  function print(text: string, isError: boolean): void {
    // A terminal would show these as colours. A page, and a file, shows the codes.
    const plain = stripVTControlCharacters(text)
    if (isError !== isHeldError) flush()
    if (!held) {
      since = performance.now()
      if (count > atOnce) self.setTimeout(flush, longestWait)
    }
    held += plain
    isHeldError = isError
    count += 1
    const isDue = held.length > largest || performance.now() - since > longestWait
    if (count <= atOnce || isDue) flush()
  }

  return { print, flush }
}
