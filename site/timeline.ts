/** Draws a timeline of an article as lanes. */

/** What happened: in which lane, or in none. */
interface Step {
  lane?: number
  kind: 'step' | 'printed' | 'in line'
  text: string
}

interface Scene {
  lanes: string[]
  steps: Step[]
}

/**
 * The HTML of a timeline: for each scene an ordered list, whose items stand in the lanes of their sessions.
 *
 * @param body the text of the fence: the command, then the scenes as `--timeline` prints them.
 */
export function timelineHtml(body: string): string {
  const [command = '', ...lines] = body.trimEnd().split('\n')
  const scenes = lines.join('\n').split('\n\n').map(sceneOf)
  const caption = `<figcaption><code>${escaped(command.replace(/^\$ /, ''))}</code></figcaption>`
  return `<figure class="timeline">${caption}${scenes.map(sceneHtml).join('')}</figure>\n`
}

function sceneOf(text: string): Scene {
  const lines = text.split('\n')
  if (lines[1]?.startsWith('─')) return beside(lines)
  const head = /^\S+(?: \S+)* {2,}(?=\S)/.exec(lines[0] ?? '')?.[0].length ?? 0
  const names = lines.filter((line) => !/^([>-] | )/.test(line)).map((line) => line.slice(0, head))
  const isListed = new Set(names).size > 1 && names.every((name) => name.endsWith('  '))
  return isListed ? listed(lines, head) : alone(lines)
}

/** Lanes side by side: the first line has their names, where they begin. */
function beside([names = '', , ...lines]: string[]): Scene {
  const starts = [...names.matchAll(/\S+(?: \S+)*/g)].map(({ 0: name, index }) => ({ name, index }))
  const steps = lines.flatMap((line): Step[] => {
    const special = specialStep(line)
    if (special) return [special]
    const indent = line.search(/\S/)
    const lane = starts.findLastIndex(({ index }) => index <= indent)
    return [{ lane, kind: 'step', text: line.slice(starts[lane]?.index) }]
  })
  return { lanes: starts.map(({ name }) => name), steps: unfolded(steps) }
}

/** One lane below the other: each line begins with the name of its lane, which ends at this column. */
function listed(lines: string[], column: number): Scene {
  const lanes: string[] = []
  let lane = 0
  const steps = lines.map((line): Step => {
    const special = specialStep(line)
    if (special) return special
    const name = line.slice(0, column).trim()
    if (name && !lanes.includes(name)) lanes.push(name)
    if (name) lane = lanes.indexOf(name)
    return { lane, kind: 'step', text: line.slice(column) }
  })
  return { lanes, steps: unfolded(steps) }
}

function alone(lines: string[]): Scene {
  const steps = lines.map((text) => specialStep(text) ?? { lane: 0, kind: 'step' as const, text })
  return { lanes: [''], steps: unfolded(steps) }
}

function specialStep(line: string): Step | undefined {
  if (line.startsWith('> ')) return { kind: 'printed', text: line.slice(2) }
  if (line.startsWith('- ')) return { kind: 'in line', text: line.slice(2) }
  return undefined
}

/** The steps with each folded line put back to the one before it. */
function unfolded(steps: Step[]): Step[] {
  const whole: Step[] = []
  for (const step of steps) {
    const last = whole.at(-1)
    if (last && step.kind === 'step' && step.text.startsWith('  '))
      last.text += ` ${step.text.trim()}`
    else whole.push({ ...step })
  }
  return whole
}

function sceneHtml({ lanes, steps }: Scene): string {
  const names = lanes.map((name) => `<span>${escaped(name)}</span>`).join('')
  const head = lanes.some(Boolean) ? `<div class="names" aria-hidden="true">${names}</div>` : ''
  const items = steps.map((step) => itemHtml(step, lanes)).join('')
  return `<div class="scene" style="--lanes: ${lanes.length}">${head}<ol>${items}</ol></div>`
}

function itemHtml({ lane, kind, text }: Step, lanes: string[]): string {
  if (kind === 'printed')
    return `<li class="printed"><b>printed: </b><samp>${escaped(text)}</samp></li>`
  if (lane === undefined) return `<li class="in-line"><code>${escaped(text)}</code></li>`
  const name = lanes[lane] ? `<b>${escaped(lanes[lane])}: </b>` : ''
  return `<li style="--lane: ${lane + 1}" data-lane="${lane + 1}">${name}<code>${stepHtml(text)}</code></li>`
}

/** A statement with what it waited for and how it ended set apart. */
function stepHtml(text: string): string {
  const [, statement = '', values = '', end = ''] =
    /^(.*?)( -- \[.*?\])?( (?:→ .*|… waits for .*))?$/.exec(text) ?? []
  if (/^(…|\()/.test(statement)) return `<i class="end">${escaped(text)}</i>`
  const part = (name: string, words: string) =>
    words && ` <i class="${name}">${escaped(words.trim())}</i>`
  return `${escaped(statement)}${part('values', values)}${part(/waits/.test(end) ? 'waits' : 'end', end)}`
}

const escaped = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('{', '&#123;') // which would begin an expression of Vue's
