/**
 * Gives life to the column beside an article: the excerpt that is being read is lit up in the source, the source
 * can be edited, and the lesson runs. Without this, source and transcript are there to be read.
 */
import { lightExcerpts } from './excerpts.ts'
import { openRunner } from './runner.ts'
import { openSource } from './source.ts'

/**
 * @param engineFiles where the files of the engine are.
 * @returns what ends all of it when the reader leaves the page.
 */
export function openPane(pane: HTMLElement, engineFiles: string): () => void {
  const stopped = new AbortController()
  const { signal } = stopped
  const sources = [...pane.querySelectorAll<HTMLElement>('.source')].map(openSource)
  const tabs = openTabs(pane, signal)
  openFold(pane, signal)
  const endLight = lightExcerpts(pane, (file, excerpt) => {
    tabs.select(file)
    sources.find((source) => source.file === file)?.show(excerpt)
  })
  const isRecorded = !pane.querySelector('.run')
  const endRunner = isRecorded ? () => {} : openRunner(pane, sources, engineFiles, signal)
  return () => {
    stopped.abort()
    endLight()
    endRunner()
  }
}

function openTabs(pane: HTMLElement, signal: AbortSignal) {
  const tabs = [...pane.querySelectorAll<HTMLElement>('[role=tab]')]
  const panels = [...pane.querySelectorAll<HTMLElement>('.source')]
  const selectAt = (index: number) => {
    for (const [i, tab] of tabs.entries()) {
      tab.setAttribute('aria-selected', String(i === index))
      tab.tabIndex = i === index ? 0 : -1
    }
    for (const [i, panel] of panels.entries()) panel.hidden = i !== index
  }
  for (const [i, tab] of tabs.entries()) {
    tab.addEventListener('click', () => selectAt(i), { signal })
    tab.addEventListener(
      'keydown',
      ({ key }) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[key]
        if (step === undefined) return
        const next = (i + step + tabs.length) % tabs.length
        selectAt(next)
        tabs[next]?.focus()
      },
      { signal },
    )
  }
  selectAt(0)
  return {
    select: (file: string) => {
      const index = panels.findIndex((panel) => panel.dataset.file === file)
      if (index >= 0) selectAt(index)
    },
  }
}

/** On a narrow screen the column is folded away below the article. */
function openFold(pane: HTMLElement, signal: AbortSignal): void {
  const fold = pane.querySelector<HTMLElement>('.fold')
  const show = () => fold?.setAttribute('aria-expanded', String(pane.classList.contains('open')))
  fold?.addEventListener('click', () => pane.classList.toggle('open'), { signal })
  const close = ({ key }: KeyboardEvent) => {
    if (key === 'Escape') pane.classList.remove('open')
  }
  pane.addEventListener('keydown', close, { signal })
  const observer = new MutationObserver(show)
  observer.observe(pane, { attributes: true, attributeFilter: ['class'] })
  signal.addEventListener('abort', () => observer.disconnect())
}
