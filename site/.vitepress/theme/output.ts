/** The place of a lesson's output. */

/**
 * What is printed is shown a moment later, all of it at once: a script may print more often than a page can be drawn.
 *
 * @param element where it is shown.
 */
export function openOutput(element: HTMLElement) {
  let waiting: { text: string; isError: boolean }[] = []
  let timer: number | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    const spans = waiting.map(({ text, isError }) => {
      const span = document.createElement('span')
      span.className = isError ? 'error' : ''
      span.textContent = text
      return span
    })
    waiting = []
    element.append(...spans)
  }

  function clear(): void {
    waiting = []
    element.replaceChildren()
  }

  return {
    clear,
    flush,
    /** Shows a text in the place of all that was printed. */
    show(text: string): void {
      clear()
      element.textContent = text
    },
    add(text: string, isError: boolean): void {
      const last = waiting.at(-1)
      if (last?.isError === isError) last.text += text
      else waiting.push({ text, isError })
      timer ??= window.setTimeout(flush, 50)
    },
  }
}
