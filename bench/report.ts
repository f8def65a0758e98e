/** Writes results as Markdown tables, which read as well in a terminal. */
import type { Result } from './measure.ts'
import type { Growth } from './scale.ts'

/** A table with its columns padded, the first one to the left and the others to the right. */
export function table(head: string[], rows: string[][]): string {
  const cells = [head, ...rows]
  const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => row[i]?.length ?? 0)))
  const rule = widths.map((width, i) => (i ? '-:' : '-').padStart(width, '-'))
  const pad = (cell: string, i: number) =>
    i ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)
  return [head, rule, ...rows].map((row) => `| ${row.map(pad).join(' | ')} |`).join('\n')
}

/** Milliseconds or megabytes, with as many digits as mean something. */
export const digits = (value: number) => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)

/** The middle half of the rounds, in milliseconds. */
export const middleHalf = ({ low, high }: Result) => `${digits(low)} – ${digits(high)}`

/** A number with its digits in groups of three: 12 345. */
export const grouped = (value: number) => value.toFixed().replace(/\B(?=(\d{3})+$)/g, ' ')

/** A line for each series, with its values and its growth as bars. */
export function growthTable({ title, unit, sizes, series }: Growth): string {
  const greatest = Math.max(...series.flatMap(({ values }) => values))
  const bar = (value: number) => '▁▂▃▄▅▆▇█'[Math.round((value / greatest) * 7)] ?? ''
  return table(
    [`${title}, ${unit}`, ...sizes.map((size) => `${grouped(size)} rows`), ''],
    series.map(({ name, values }) => [name, ...values.map(digits), values.map(bar).join('')]),
  )
}
