/** Runs the lesson of a page, and shows what it prints in the place of the transcript. */
import { createEngine } from './engine.ts'
import type { Source } from './source.ts'

const longest = 200_000 // characters of output; a loop without end must not fill the page

/**
 * @param engineFiles where the files of the engine are.
 * @returns what ends it.
 */
export function openRunner(
  pane: HTMLElement,
  sources: Source[],
  engineFiles: string,
  signal: AbortSignal,
): () => void {
  const element = (selector: string) => {
    const found = pane.querySelector<HTMLElement>(selector)
    if (!found) throw new Error(`The page has no ${selector}.`)
    return found
  }
  const lesson = pane.dataset.lesson ?? ''
  const engine = createEngine(engineFiles)
  const run = element('.run')
  const stop = element('.stop')
  const reset = element('.reset')
  const edited = element('.edited')
  const printed = element('.printed')
  const note = element('.note')
  const transcript = printed.textContent ?? ''
  const recorded = note.textContent ?? ''
  let length = 0

  for (const source of sources) source.allowEdits(lesson, showEdits, start, signal)
  for (const reach of ['pointerenter', 'focus']) {
    run.addEventListener(reach, () => void engine.warm(), { signal })
  }
  run.addEventListener('click', start, { signal })
  stop.addEventListener('click', () => end('Stopped.'), { signal })
  reset.addEventListener('click', putBack, { signal })
  return () => engine.discard()

  function start(): void {
    if (!stop.hidden) return
    length = 0
    printed.replaceChildren()
    for (const source of sources) source.markError(undefined)
    pane.classList.add('open')
    showRunning(true)
    note.textContent = 'Starting PostgreSQL in this page ...'
    const texts = sources.map((source) => [`/app/${source.file}`, source.text()])
    engine.run(lesson, Object.fromEntries(texts), {
      printed: print,
      ended(code, milliseconds) {
        markError()
        end(`Exit code ${code}, after ${Math.round(milliseconds)} ms.`)
      },
      failed(reason) {
        printed.textContent = transcript
        end(
          `PostgreSQL does not start in this browser (${reason}). This is what the lesson prints on a server.`,
        )
      },
    })
  }

  function print(text: string, isError: boolean): void {
    note.textContent = 'Running ...'
    const span = document.createElement('span')
    span.className = isError ? 'error' : ''
    span.textContent = text
    printed.append(span)
    length += text.length
    if (length > longest) end(`Stopped, since it printed more than ${longest} characters.`)
  }

  function end(words: string): void {
    engine.end()
    note.textContent = words
    showRunning(false)
  }

  /** Marks the line that an error names: "at: src/examples/models.ts:5:7", or "src/examples/models.ts: ... (5:7)". */
  function markError(): void {
    const said = printed.querySelector('.error')?.textContent ?? ''
    const [, file, line] = /(src\/\S+\.ts)[^\d\n]*?\(?:?(\d+):\d+/.exec(said) ?? []
    sources.find((source) => source.file === file)?.markError(Number(line))
  }

  /** Makes one button of two: the focus stays where it is. */
  function showRunning(isRunning: boolean): void {
    const hasFocus = [run, stop].some((button) => button === document.activeElement)
    run.hidden = isRunning
    stop.hidden = !isRunning
    if (hasFocus) (isRunning ? stop : run).focus()
  }

  function putBack(): void {
    for (const source of sources) source.reset()
    showEdits()
    printed.textContent = transcript
    note.textContent = recorded
    run.focus()
  }

  function showEdits(): void {
    const isEdited = sources.some((source) => source.isEdited())
    edited.hidden = !isEdited
    reset.hidden = !isEdited
  }
}
