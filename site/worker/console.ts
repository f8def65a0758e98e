/** `console` as Node has it: what it prints, and to which stream. */
import { formatWithOptions, type InspectOptions, inspect } from 'node-inspect-extracted'
import type { Print } from './node-modules.ts'

/** The methods of `console` that write, or that change how it writes. */
export function consoleFor(print: Print): Partial<Console> {
  const timers = new Map<string, number>()
  const counts = new Map<string, number>()
  let indent = ''

  const write = (text: string, isError: boolean) =>
    print(`${indent}${text.replaceAll('\n', `\n${indent}`)}\n`, isError)
  const log = (...values: unknown[]) => write(formatWithOptions({}, ...asFormat(values)), false)
  const warn = (...values: unknown[]) => write(formatWithOptions({}, ...asFormat(values)), true)
  const group = (...values: unknown[]) => {
    if (values.length > 0) log(...values)
    indent += '  '
  }
  /** Prints how long a timer has run. */
  const lap = (method: string, label: string, values: unknown[]): boolean => {
    const start = timers.get(label)
    if (start === undefined) warn(`Warning: No such label '${label}' for console.${method}()`)
    else log('%s: %s', label, duration(performance.now() - start), ...values)
    return start !== undefined
  }

  return {
    log,
    info: log,
    debug: log,
    warn,
    error: warn,
    dirxml: log,
    dir: (value: unknown, options?: InspectOptions) =>
      write(inspect(value, { customInspect: false, ...options }), false),
    table: (data: unknown, columns?: readonly string[]) =>
      typeof data === 'object' && data !== null ? log(table(data, columns)) : log(data),
    group,
    groupCollapsed: group,
    groupEnd() {
      indent = indent.slice(2)
    },
    time(label = 'default') {
      if (timers.has(label)) warn(`Warning: Label '${label}' already exists for console.time()`)
      else timers.set(label, performance.now())
    },
    timeLog: (label = 'default', ...values: unknown[]) => void lap('timeLog', label, values),
    timeEnd: (label = 'default') => void (lap('timeEnd', label, []) && timers.delete(label)),
    count(label = 'default') {
      const next = (counts.get(label) ?? 0) + 1
      counts.set(label, next)
      log(`${label}: ${next}`)
    },
    countReset: (label = 'default') => void counts.delete(label),
    assert(condition?: unknown, ...values: unknown[]) {
      if (condition) return
      const [first, ...others] = values
      if (typeof first === 'string') warn(`Assertion failed: ${first}`, ...others)
      else warn(values.length > 0 ? 'Assertion failed:' : 'Assertion failed', ...values)
    },
    trace(...values: unknown[]) {
      const { stack = '' } = new Error()
      const frames = stack.split('\n').slice(2).join('\n')
      warn(
        `Trace${values.length > 0 ? ': ' : ''}${formatWithOptions({}, ...asFormat(values))}\n${frames}`,
      )
    },
  }
}

// The first value may be a format. Its type says that it is text.
const asFormat = ([first, ...others]: unknown[]): [string, ...unknown[]] => [
  first as string, // formatWithOptions takes any value here
  ...others,
]

function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Number(milliseconds.toPrecision(3))}ms`
  return `${(milliseconds / 1000).toFixed(3)}s`
}

/** Rows and columns in a frame, for an array, an object, a Map or a Set. */
function table(data: object, only?: readonly string[]): string {
  const isIterated = data instanceof Map || data instanceof Set
  const index = isIterated ? '(iteration index)' : '(index)'
  const entries: [unknown, unknown][] = isIterated
    ? [...data].map((each, i) => [i, each])
    : Object.entries(data)
  const rows = entries.map(([name, value]) => {
    const cells: Record<string, string> = { [index]: String(name) }
    if (data instanceof Map && Array.isArray(value)) {
      cells.Key = cell(value[0])
      cells.Values = cell(value[1])
    } else if (typeof value === 'object' && value !== null) {
      for (const key of only ?? Object.keys(value)) cells[key] = cellOf(value, key)
    } else {
      cells.Values = cell(value)
    }
    return cells
  })
  // What is no object has a column of its own, and that is the last.
  const columns = new Set(rows.flatMap((row) => Object.keys(row).filter((key) => key !== 'Values')))
  if (rows.some((row) => 'Values' in row)) columns.add('Values')
  return framed([index, ...[...columns].filter((column) => column !== index)], rows)
}

const cellOf = (value: object, key: string) =>
  Object.hasOwn(value, key) ? cell(Reflect.get(value, key)) : ''

const cell = (value: unknown) =>
  inspect(value, { maxArrayLength: 3, depth: 0, breakLength: Number.POSITIVE_INFINITY })

function framed(columns: string[], rows: Record<string, string>[]): string {
  const widths = columns.map((column) =>
    Math.max(column.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: string[]) =>
    `│ ${cells.map((text, i) => text.padEnd(widths[i] ?? 0)).join(' │ ')} │`
  const rule = (left: string, middle: string, right: string) =>
    left + widths.map((width) => '─'.repeat(width + 2)).join(middle) + right
  return [
    rule('┌', '┬', '┐'),
    line(columns),
    rule('├', '┼', '┤'),
    ...rows.map((row) => line(columns.map((column) => row[column] ?? ''))),
    rule('└', '┴', '┘'),
  ].join('\n')
}
