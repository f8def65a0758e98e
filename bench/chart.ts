/** Draws what grows as a line chart. */
import { type EChartsOption, init, type LineSeriesOption } from 'echarts'
import { grouped } from './report.ts'
import type { Growth, Series } from './scale.ts'

/** Each color on a light page, and on a dark one. A line keeps its color from chart to chart. */
const colors = {
  background: ['#ffffff', '#161b22'],
  text: ['#1f2328', '#e6edf3'],
  rule: ['#d1d9e0', '#3d444d'],
  'by key': ['#047857', '#34d399'],
  'by cursor': ['#1d4ed8', '#7ab8ff'],
  'by offset': ['#b45309', '#fbbf24'],
  'all at once': ['#be185d', '#f9a8d4'],
} as const

/**
 * Draws a chart as SVG: on a background of its own, with colors for light and for dark pages. The same figures
 * give the same bytes.
 */
export function chart(growth: Growth): string {
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width: 500, height: 330 })
  drawing.setOption(options(growth))
  const svg = drawing.renderToSVGString()
  drawing.dispose()
  // What ECharts writes for the mouse has no use in a picture, and its numbers grow with each chart of a process.
  const picture = svg.replaceAll(/<style.*<\/style>\n?| class="\S+"|zr\d+-/gs, '')
  const head = ` role="img"><title>${growth.title}</title><style>${darkStyle()}</style>`
  return `${picture.replace('>', head)}\n`
}

function options({ title, unit, sizes, series }: Growth): EChartsOption {
  const text = { color: colors.text[0], fontSize: 15 }
  const ruled = { lineStyle: { color: colors.rule[0] } }
  const axis = { axisLabel: text, axisLine: ruled, splitLine: ruled }
  return {
    animation: false,
    backgroundColor: colors.background[0],
    textStyle: { fontFamily: 'system-ui, sans-serif' },
    title: {
      text: title,
      subtext: `${unit}, on a logarithmic scale`,
      textStyle: { ...text, fontWeight: 600 },
      subtextStyle: text,
      left: 8,
    },
    grid: { left: 48, right: 92, top: 76, bottom: 60 },
    xAxis: {
      ...axis,
      // The outer labels end with the axis, so that they are clear of all others.
      axisLabel: { ...text, alignMinLabel: 'left', alignMaxLabel: 'right' },
      type: 'category',
      boundaryGap: false,
      data: sizes.map(grouped),
      name: 'rows',
      nameLocation: 'middle',
      nameGap: 30,
      nameTextStyle: text,
    },
    yAxis: { ...axis, type: 'log', axisLabel: { ...text, formatter: String } },
    series: series.map(line),
  }
}

/** A line with its name at its end, moved down where the name would lie on another. */
function line({ name, values }: Series): LineSeriesOption {
  const color = colors[name][0]
  return {
    type: 'line',
    data: values,
    color,
    silent: true,
    symbol: 'circle',
    symbolSize: 6,
    lineStyle: { width: 2.5 },
    endLabel: { show: true, formatter: name, color, fontSize: 15, lineHeight: 19 },
    labelLayout: { moveOverlap: 'shiftY' },
  }
}

/** Replaces the light colors, which are those of viewers without style sheets. */
function darkStyle(): string {
  const rules = Object.values(colors).map(
    ([light, dark]) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`,
  )
  return `@media(prefers-color-scheme:dark){${rules.join('')}}`
}
