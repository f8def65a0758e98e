/** Draws a timeline as text: scene by scene, a lane for each connection, a line for each statement. */
import { inspect } from 'node:util'
import type { Event, Lane, Statement, Timeline } from './record.ts'

const longestText = 500 // characters of a statement: what is longer is cut
const shownRepeats = 3 // of a statement that is sent again and again, so many are shown
const width = 100 // columns, for lanes beside each other
const narrowest = 40 // columns: with narrower lanes than this, each line begins with its lane's name instead

/**
 * Draws what was recorded. A scene ends with what is printed while no session is in the middle of something.
 *
 * @returns lines of text, with an empty one before each scene.
 */
export function drawn(timeline: Timeline): string[] {
  const lanes = timeline.lanes.filter((lane) => timeline.events.some((e) => laneOf(e) === lane))
  if (lanes.length === 0) return ['', '(This process has sent no statement.)']
  const names = namesOf(lanes)
  const events = timeline.events.filter((event) => event.kind !== 'in line' || event.request.isTold)
  return scenesOf(events).flatMap((scene) => {
    const ofScene = lanes.filter((lane) => scene.some((event) => laneOf(event) === lane))
    return ['', ...drawnScene(scene, lanes.length === 1 ? [] : ofScene, names)]
  })
}

/** The name of each lane; those that have none, or the same, get a number. */
function namesOf(lanes: Lane[]): Map<Lane, string> {
  const numbers = new Map<string, number>()
  const names = lanes.map((lane): [Lane, string] => {
    const name = lane.name || 'connection'
    const number = (numbers.get(name) ?? 0) + 1
    numbers.set(name, number)
    return [lane, lane.name && number === 1 ? name : `${name} ${number}`]
  })
  return new Map(names)
}

function scenesOf(events: Event[]): Event[][] {
  const scenes: Event[][] = []
  let isOver = true
  for (const event of events) {
    if (isOver && event.kind !== 'printed') scenes.push([])
    isOver = event.kind === 'printed' && event.isBetween
    if (scenes.length === 0) scenes.push([])
    scenes.at(-1)?.push(event)
  }
  return scenes
}

/** The scene without those of many equal statements that follow each other; a note says how many there were. */
function withoutRepeats(scene: Event[]): Event[] {
  let first: Event | undefined
  let repeats = 0
  return scene.flatMap((event, i) => {
    repeats = first && isRepeat(event, first) ? repeats + 1 : 0
    if (repeats === 0) first = event
    if (repeats < shownRepeats || event.kind !== 'sent') return [event]
    const next = scene[i + 1]
    if (next && first && isRepeat(next, first)) return []
    const { lane } = event.statement
    return [{ kind: 'note', lane, text: more(repeats + 1 - shownRepeats) }]
  })
}

const more = (times: number) =>
  times === 1 ? 'the same once more' : `the same ${times} times more`

const isRepeat = (event: Event, first: Event) =>
  event.kind === 'sent' &&
  first.kind === 'sent' &&
  event.statement.lane === first.statement.lane &&
  event.statement.text === first.statement.text &&
  !event.statement.waitsFor

const laneOf = (event: Event): Lane | undefined =>
  event.kind === 'note' ? event.lane : 'statement' in event ? event.statement.lane : undefined

function drawnScene(scene: Event[], lanes: Lane[], names: Map<Lane, string>): string[] {
  const nameOf = (lane: Lane) => names.get(lane) ?? ''
  const isListed = lanes.length > 1 && width / lanes.length < narrowest
  const column = Math.floor(width / Math.max(lanes.length, 1))
  const longest = Math.max(0, ...lanes.map((lane) => nameOf(lane).length)) + 2
  const drawnEvent = (event: Event): string[] => {
    if (event.kind === 'printed') return [`> ${event.line}`.trimEnd()]
    if (event.kind === 'in line')
      return folded(`- in line for a connection: ${event.request.text}`, width)
    const lane = laneOf(event)
    const text = told(event, nameOf)
    if (!lane || lanes.length === 0) return folded(text, width)
    if (isListed)
      return folded(text, width - longest).map(
        (line, i) => `${(i === 0 ? nameOf(lane) : '').padEnd(longest)}${line}`,
      )
    const indent = ' '.repeat(lanes.indexOf(lane) * column)
    return folded(text, column - 2).map((line) => `${indent}${line}`)
  }
  const head = lanes.map((lane) => nameOf(lane).padEnd(column)).join('')
  return [
    ...(lanes.length > 0 && !isListed ? [head.trimEnd(), '─'.repeat(width)] : []),
    ...withoutRepeats(scene).flatMap(drawnEvent),
  ]
}

function told(
  event: Exclude<Event, { kind: 'printed' | 'in line' }>,
  nameOf: (lane: Lane) => string,
): string {
  if (event.kind === 'note') return `(${event.text})`
  const { statement } = event
  if (event.kind === 'goes on')
    return `… ${statement.isFailed ? 'fails' : 'goes on'}${answered(statement)}`
  const { text } = statement
  const shown = text.length > longestText ? `${text.slice(0, longestText)} …` : text
  const words = `${shown}${values(statement)}`
  if (!statement.waitsFor) return `${words}${answered(statement)}`
  return `${words} … waits for ${statement.waitsFor.map(nameOf).join(' and ') || 'another program'}`
}

const inspection = {
  breakLength: Infinity,
  compact: true,
  maxArrayLength: 12,
  maxStringLength: 100,
}

const values = ({ values }: Statement) =>
  values.length > 0 ? ` -- ${unparted(inspect(values, inspection))}` : ''

const answered = ({ answer }: Statement) => {
  if (answer === undefined) return ` ${unparted('→ no answer')}`
  return answer && ` ${unparted(`→ ${answer}`)}`
}

// A short text stays on one line.
const unparted = (text: string) => (text.length < narrowest ? text.replaceAll(' ', '\u00a0') : text)

/** A text in lines of so many columns, parted at spaces; all but the first are indented. */
function folded(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line ? `${line} ${word}` : word
    if (longer.length <= columns || !line.trim()) line = longer
    else {
      lines.push(line)
      line = `  ${word}`
    }
  }
  return [...lines, line].map((line) => line.replaceAll('\u00a0', ' '))
}
