/** Runs the lesson of a page, and shows what it prints in the place of the transcript. */
import { createEngine } from './engine.ts'
import { openOutput } from './output.ts'
import type { Source } from './source.ts'

const unfinished = 'unfinished run' // what is kept under this name is left behind by a page that crashed
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
  const types = element('.types')
  const printed = element('.printed')
  const note = element('.note')
  const transcript = printed.textContent ?? ''
  const recorded = note.textContent ?? ''
  const output = openOutput(printed)
  let length = 0
  let isRunning = false

  for (const source of sources) source.allowEdits(lesson, showEdits, signal)
  for (const reach of ['pointerenter', 'focus']) {
    run.addEventListener(reach, () => void engine.warm(), { signal })
  }
  run.addEventListener('click', start, { signal })
  stop.addEventListener('click', () => end('Stopped.'), { signal })
  reset.addEventListener('click', putBack, { signal })
  // Before the editor and the source get it: they have other uses for the key.
  document.addEventListener('keydown', runFromKeyboard, { signal, capture: true })
  addEventListener('pagehide', () => sessionStorage.removeItem(unfinished), { signal })
  if (sessionStorage.getItem(unfinished) === lesson) {
    note.textContent =
      'The last run took the page down, perhaps because the script used more memory than the browser allows. Your edits are kept.'
  }
  sessionStorage.removeItem(unfinished)
  return () => {
    engine.discard()
    sessionStorage.removeItem(unfinished)
  }

  function runFromKeyboard(event: KeyboardEvent): void {
    const isElsewhere = event.target instanceof Element && event.target.closest('.VPLocalSearchBox')
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || isElsewhere) return
    event.preventDefault()
    event.stopPropagation()
    start()
  }

  function start(): void {
    if (isRunning) return
    length = 0
    output.clear()
    for (const source of sources) source.markError(undefined)
    pane.classList.add('open')
    showRunning(true)
    sessionStorage.setItem(unfinished, lesson)
    note.textContent = 'Starting PostgreSQL in this page ...'
    const texts = sources.map((source) => [`/app/${source.file}`, source.text()])
    engine.run(lesson, Object.fromEntries(texts), {
      started() {
        note.textContent = 'Running ...'
      },
      printed: print,
      ended(code, milliseconds) {
        end(`Exit code ${code}, after ${Math.round(milliseconds)} ms.`)
        markError()
      },
      failed(reason) {
        end(
          `PostgreSQL does not start in this browser (${reason}). This is what the lesson prints on a server.`,
        )
        output.show(transcript)
      },
    })
  }

  function print(text: string, isError: boolean): void {
    output.add(text.slice(0, longest - length), isError)
    length += text.length
    if (length > longest) end(`Stopped, since it printed more than ${longest} characters.`)
  }

  function end(words: string): void {
    engine.end()
    output.flush()
    note.textContent = words
    showRunning(false)
    sessionStorage.removeItem(unfinished)
  }

  /** Marks the line that an error names: "at: src/lessons/models/models.ts:5:7", or "src/lessons/models/models.ts: ... (5:7)". */
  function markError(): void {
    const said = [...printed.querySelectorAll('.error')].at(-1)?.textContent ?? ''
    const [, file, line] = /(src\/\S+\.ts)[^\d\n]*?\(?:?(\d+):\d+/.exec(said) ?? []
    sources.find((source) => source.file === file)?.markError(Number(line))
  }

  /** Run keeps its place, so that the second click of two does not stop what the first has started. */
  function showRunning(is: boolean): void {
    isRunning = is
    run.setAttribute('aria-disabled', String(is))
    if (!is && document.activeElement === stop) run.focus()
    stop.hidden = !is
  }

  function putBack(): void {
    if (isRunning) end('')
    for (const source of sources) source.reset()
    showEdits()
    output.show(transcript)
    note.textContent = recorded
    run.focus()
  }

  function showEdits(): void {
    const isEdited = sources.some((source) => source.isEdited())
    edited.hidden = !isEdited
    types.hidden = !pane.querySelector('.cm-editor')
    reset.hidden = !isEdited
  }
}
