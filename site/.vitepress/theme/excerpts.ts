/** The excerpts of an article, and the same lines in the source. */

/**
 * Lights up the excerpt that is read, under the pointer, or has the focus, on both sides.
 *
 * @param show brings an excerpt of a file into view, in the column.
 * @returns what ends it.
 */
export function lightExcerpts(
  pane: HTMLElement,
  show: (file: string, excerpt: string) => void,
): () => void {
  const figures = [...document.querySelectorAll<HTMLElement>('figure.excerpt')]
  const style = document.head.appendChild(document.createElement('style'))
  const ended = new AbortController()
  const { signal } = ended
  let lit = ''
  // Where the page rests before the reader scrolls: nothing is being read there but what a number has led to.
  let rest: number | undefined = scrollY
  let isPointing = false

  function light(figure: HTMLElement | undefined): void {
    const { excerpt = '', file = '' } = figure?.dataset ?? {}
    if (excerpt === lit) return
    lit = excerpt
    // A rule of its own: whatever shows this excerpt, now or later, is lit up.
    style.textContent = excerpt
      ? `:is(.line, .cm-line, figure)[data-excerpt="${excerpt}"] { --lit: var(--excerpt-lit); }`
      : ''
    // Who works in the source is not to be moved elsewhere.
    if (excerpt && !document.activeElement?.closest('.source')) show(file, excerpt)
  }

  const seen = new IntersectionObserver(
    (entries) => {
      if (scrollY === rest) return
      rest = undefined
      const read = entries.find(({ isIntersecting }) => isIntersecting)
      // What is pointed at goes before what is read.
      if (!isPointing && read?.target instanceof HTMLElement) light(read.target)
    },
    { rootMargin: '-25% 0px -60% 0px' },
  )
  for (const figure of figures) {
    seen.observe(figure)
    const point = (isOver: boolean) => () => {
      isPointing = isOver
      if (isOver) light(figure)
    }
    figure.addEventListener('pointerenter', point(true), { signal })
    figure.addEventListener('pointerleave', point(false), { signal })
    figure.addEventListener('focusin', () => light(figure), { signal })
  }
  // A number leads to its excerpt on the other side.
  document.addEventListener(
    'click',
    (event) => {
      const mark =
        event.target instanceof Element ? event.target.closest<HTMLElement>('a.mark') : null
      if (!mark) return
      const figure = figures.find(({ dataset }) => dataset.excerpt === mark.dataset.excerpt)
      event.preventDefault()
      light(figure)
      if (pane.contains(mark)) {
        pane.classList.remove('open')
        figure?.scrollIntoView({ block: 'center' })
        rest = scrollY
        figure?.querySelector('a')?.focus({ preventScroll: true })
      } else {
        pane.classList.add('open')
        show(figure?.dataset.file ?? '', mark.dataset.excerpt ?? '')
      }
    },
    { signal },
  )
  return () => {
    ended.abort()
    seen.disconnect()
    style.remove()
  }
}
