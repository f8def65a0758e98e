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
  let hasScrolled = false
  addEventListener(
    'scroll',
    () => {
      hasScrolled = true
    },
    { signal, once: true },
  )

  function light(figure: HTMLElement | undefined): void {
    const { excerpt = '', file = '' } = figure?.dataset ?? {}
    if (excerpt === lit) return
    lit = excerpt
    // A rule of its own: whatever shows this excerpt, now or later, is lit up.
    style.textContent = excerpt
      ? `:is(.line, .cm-line, figure)[data-excerpt="${excerpt}"] { --lit: var(--excerpt-lit); }`
      : ''
    // Who works in the source is not to be moved elsewhere.
    if (excerpt && !pane.contains(document.activeElement)) show(file, excerpt)
  }

  const seen = new IntersectionObserver(
    (entries) => {
      const read = entries.find(({ isIntersecting }) => isIntersecting)
      if (hasScrolled && read?.target instanceof HTMLElement) light(read.target)
    },
    { rootMargin: '-25% 0px -60% 0px' },
  )
  for (const figure of figures) {
    seen.observe(figure)
    for (const event of ['pointerenter', 'focusin']) {
      figure.addEventListener(event, () => light(figure), { signal })
    }
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
        figure?.scrollIntoView({ block: 'center' })
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
