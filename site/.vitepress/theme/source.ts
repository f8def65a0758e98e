/** A file beside the article. */
import type { Editor, Quoted } from './editor.ts'

/** One file of the column. */
export type Source = ReturnType<typeof openSource>

/** Takes over the HTML of a file: read-only, until the reader edits it. */
export function openSource(element: HTMLElement) {
  const file = element.dataset.file ?? ''
  const lines = [...element.querySelectorAll<HTMLElement>('.line')]
  const original = `${lines.map((line) => line.textContent).join('\n')}\n`
  let editor: Editor | undefined

  const text = () => editor?.text() ?? original

  return {
    file,
    text,
    isEdited: () => text() !== original,
    reset: () => editor?.replace(original),
    markError: (line: number | undefined) => {
      editor?.markError(line)
      for (const [i, each] of lines.entries()) each.classList.toggle('error-line', i + 1 === line)
      if (line !== undefined) lines[line - 1]?.scrollIntoView({ block: 'nearest' })
    },
    show(excerpt: string) {
      if (editor) editor.show(excerpt)
      else scrollWithin(element, element.querySelector(`#line-${excerpt}`))
    },
    /** Opens the editor with the first click into the source, or Enter. Edits stay in this tab of the browser. */
    allowEdits(lesson: string, onChange: () => void, signal: AbortSignal): void {
      const key = `${lesson} ${file}`
      const changed = () => {
        if (text() === original) sessionStorage.removeItem(key)
        else sessionStorage.setItem(key, text())
        onChange()
      }
      const open = async (): Promise<Editor | undefined> => {
        const { openEditor } = await import('./editor.ts')
        if (editor || signal.aborted) return editor
        const top = element.scrollTop
        element.replaceChildren()
        element.removeAttribute('tabindex')
        editor = openEditor(
          element,
          sessionStorage.getItem(key) ?? original,
          quotedIn(lines),
          changed,
        )
        signal.addEventListener('abort', editor.destroy)
        const scroller = element.querySelector('.cm-scroller')
        if (scroller) scroller.scrollTop = top
        onChange()
        return editor
      }
      element.addEventListener(
        'click',
        async ({ clientX, clientY, target }) => {
          const isLink = target instanceof Element && target.closest('a')
          if (editor || isLink || getSelection()?.isCollapsed === false) return
          const opened = await open()
          opened?.focusAt(clientX, clientY)
        },
        { signal },
      )
      element.addEventListener(
        'keydown',
        async ({ key: pressed, target }) => {
          if (pressed !== 'Enter' || target !== element) return
          const opened = await open()
          opened?.focusAt(0, 0)
        },
        { signal },
      )
      if (sessionStorage.getItem(key) !== null) open()
    },
  }
}

function quotedIn(lines: HTMLElement[]): Quoted[] {
  const quoted = new Map<string, Quoted>()
  for (const [i, { dataset }] of lines.entries()) {
    const number = dataset.excerpt
    if (number === undefined) continue
    const from = quoted.get(number)?.from ?? i + 1
    quoted.set(number, { number, from, to: i + 1 })
  }
  return [...quoted.values()]
}

/** Scrolls one box alone: `scrollIntoView` would move the page as well. */
function scrollWithin(box: HTMLElement, target: Element | null): void {
  if (!target) return
  const distance = target.getBoundingClientRect().top - box.getBoundingClientRect().top
  box.scrollTo({ top: box.scrollTop + distance - box.clientHeight / 4 })
}
