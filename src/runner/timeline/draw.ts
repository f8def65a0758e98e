/** Draws a timeline as text: a lane for each connection, a line for each statement. */
import { inspect } from 'node:util'
import type { Event, Lane, Statement, Timeline } from './record.ts'

const width = 100 // columns, for lanes beside each other
const narrowest = 40 // columns: with narrower lanes than this, each line begins with its lane's name instead

/**
 * Draws what was recorded.
 *
 * @returns lines of text, none if nothing was recorded.
 */
export function drawn(timeline: Timeline): string[] {
  const lanes = [...new Set(timeline.events.map(laneOf))]
  const names = new Map(lanes.map((lane, i) => [lane, lane.name || `connection ${i + 1}`]))
  const entries = timeline.events.map((event) => ({
    lane: laneOf(event),
    text: told(event, (lane) => names.get(lane) ?? 'another session'),
  }))
  const column = Math.floor(width / lanes.length)
  if (lanes.length > 1 && column < narrowest) return listed(entries, names)
  const indent = (lane: Lane) => ' '.repeat(lanes.indexOf(lane) * column)
  const head = lanes
    .map((lane) => (names.get(lane) ?? '').padEnd(column))
    .join('')
    .trimEnd()
  const room = lanes.length > 1 ? column - 2 : width
  return [
    ...(lanes.length > 0 ? [head, '─'.repeat(width)] : []),
    ...entries.flatMap(({ lane, text }) =>
      folded(text, room).map((line) => `${indent(lane)}${line}`),
    ),
  ]
}

function listed(entries: { lane: Lane; text: string }[], names: Map<Lane, string>): string[] {
  const longest = Math.max(...[...names.values()].map((name) => name.length)) + 2
  return entries.flatMap(({ lane, text }) =>
    folded(text, width - longest).map(
      (line, i) => `${(i === 0 ? (names.get(lane) ?? '') : '').padEnd(longest)}${line}`,
    ),
  )
}

const laneOf = (event: Event) => (event.kind === 'note' ? event.lane : event.statement.lane)

function told(event: Event, nameOf: (lane: Lane) => string): string {
  if (event.kind === 'note') return `(${event.text})`
  const { statement } = event
  if (event.kind === 'goes on')
    return `… ${isCode(statement.answer) ? 'fails' : 'goes on'}${answered(statement)}`
  const words = `${statement.text}${values(statement)}`
  if (statement.waitsFor.length === 0) return `${words}${answered(statement)}`
  return `${words} … waits for ${statement.waitsFor.map(nameOf).join(' and ')}`
}

const isCode = (answer = '') => /^[0-9A-Z]{5}$/.test(answer)

const values = ({ values }: Statement) =>
  values.length > 0 ? `  -- ${inspect(values, { breakLength: Infinity })}` : ''

const answered = ({ answer }: Statement) =>
  answer === undefined
    ? ' →\u00a0no\u00a0answer'
    : answer && ` → ${answer}`.replaceAll(' ', '\u00a0')

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
