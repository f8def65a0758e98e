/** Writes results as Markdown tables, which read as well in a terminal, and as pictures. */

/** A table with its columns padded, the first one to the left and the others to the right. */
export function table(head: string[], rows: string[][]): string {
  const widths = head.map((_, i) =>
    Math.max(...[head, ...rows].map((row) => [...(row[i] ?? '')].length)),
  )
  const line = (row: string[]) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(Math.max(width - 1, 2))}:`)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

/** Milliseconds, with as many digits as mean something. */
export function ms(value: number | undefined): string {
  if (value === undefined) return ''
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** A number with thin groups of three digits: 12 345. */
export const grouped = (value: number) =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ')

/** The growth of a series in one line of a terminal, from the least to the greatest of all the values. */
export function sparkline(values: number[], greatest = Math.max(...values)): string {
  const bars = '▁▂▃▄▅▆▇█'
  return values.map((value) => bars[Math.round((value / greatest) * (bars.length - 1))]).join('')
}

export interface Series {
  name: string
  values: number[]
}

/** A line chart as SVG, with logarithmic axes where the values span more than a factor of a hundred. */
export function chart(title: string, unit: string, xs: number[], series: Series[]): string {
  const [width, height, left, bottom, top, right] = [640, 320, 64, 44, 36, 132]
  const all = series.flatMap(({ values }) => values)
  const isLog = Math.max(...all) / Math.min(...all) > 100
  const scale = (value: number) => (isLog ? Math.log10(value) : value)
  const low = isLog ? Math.floor(scale(Math.min(...all))) : 0
  const high = isLog ? Math.ceil(scale(Math.max(...all))) : Math.max(...all) * 1.1
  const x = (value: number) =>
    left +
    ((Math.log10(value) - Math.log10(xs[0] ?? 1)) /
      (Math.log10(xs.at(-1) ?? 10) - Math.log10(xs[0] ?? 1))) *
      (width - left - right)
  const y = (value: number) =>
    height - bottom - ((scale(value) - low) / (high - low)) * (height - top - bottom)
  const colors = ['#2563eb', '#d97706', '#059669', '#db2777']
  const ticks = isLog
    ? Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i))
    : [0, 0.25, 0.5, 0.75, 1].map((share) => high * share)
  const number = (value: number) =>
    value >= 1 || value === 0 ? grouped(value) : String(Number(value.toPrecision(1)))
  const grid = ticks
    .map(
      (tick) =>
        `<line x1="${left}" x2="${width - right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}" stroke="#8884"/>` +
        `<text x="${left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${number(tick)}</text>`,
    )
    .join('\n')
  const labels = xs
    .map(
      (value) =>
        `<text x="${x(value).toFixed(1)}" y="${height - bottom + 20}" text-anchor="middle">${grouped(value)}</text>`,
    )
    .join('\n')
  // Names that would lie on each other are moved apart.
  const ends = series
    .map(({ name, values }, i) => ({ name, i, at: y(values.at(-1) ?? 0) }))
    .sort((a, b) => a.at - b.at)
  for (const [i, end] of ends.entries()) {
    const above = ends[i - 1]
    if (above && end.at - above.at < 16) end.at = above.at + 16
  }
  const lines = series
    .map(({ values }, i) => {
      const points = values.map((value, k) => `${x(xs[k] ?? 1).toFixed(1)},${y(value).toFixed(1)}`)
      return `<polyline points="${points.join(' ')}" fill="none" stroke="${colors[i]}" stroke-width="2.5"/>`
    })
    .join('\n')
  const names = ends
    .map(
      ({ name, i, at }) =>
        `<text x="${width - right + 8}" y="${(at + 4).toFixed(1)}" fill="${colors[i]}">${name}</text>`,
    )
    .join('\n')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" font-family="system-ui, sans-serif" font-size="13" fill="#888">
<title>${title}</title>
<text x="${left}" y="20" font-weight="600">${title} (${unit})</text>
${grid}
${labels}
<text x="${(left + width - right) / 2}" y="${height - 4}" text-anchor="middle">rows</text>
${lines}
${names}
</svg>
`
}
