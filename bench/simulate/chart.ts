import { init, use, type ComposeOption } from 'echarts/core'
import { BarChart, type BarSeriesOption } from 'echarts/charts'
import {
  GridComponent,
  LegendComponent,
  TitleComponent,
  type GridComponentOption,
  type LegendComponentOption,
  type TitleComponentOption,
} from 'echarts/components'
import { SVGRenderer } from 'echarts/renderers'
import { parts, type Ledger, type Part } from './ledger.ts'
import type { Result } from './policies.ts'
import { partNames } from './table.ts'

use([BarChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer])

type Option = ComposeOption<
  BarSeriesOption | GridComponentOption | LegendComponentOption | TitleComponentOption
>

/** Colours that differ in lightness too. */
const colours: Readonly<Record<Part, string>> = {
  storage: '#1f4e79',
  retrieval: '#e07b00',
  operations: '#7fb3d5',
  earlyDeletion: '#b03a2e',
  fees: '#8d99a6',
}

/** What is drawn below each other: a trace and what each policy costs with it. */
export interface Drawing {
  name: string
  results: readonly Result[]
}

const [width, top, titleHeight, barHeight, gap] = [1040, 60, 34, 24, 50]

/** A chart as SVG: for each trace a bar for each policy, made of the parts of its cost. */
export function chart(drawings: readonly Drawing[]): string {
  const heights = drawings.map(({ results }) => results.length * barHeight)
  const tops = heights.map((_, index) =>
    heights.slice(0, index).reduce((sum, height) => sum + height + titleHeight + gap, top),
  )
  const height = (tops.at(-1) ?? 0) + titleHeight + (heights.at(-1) ?? 0) + gap
  const option: Option = {
    animation: false,
    backgroundColor: '#fff',
    textStyle: { fontFamily: 'sans-serif', color: '#222' },
    legend: { top: 10, itemGap: 30, data: parts.map((part) => partNames[part]) },
    title: drawings.map(({ name }, index) => ({
      text: `${name} (US$; bars that are far longer are cut off)`,
      left: 20,
      top: tops[index] ?? 0,
      textStyle: { fontSize: 15 },
    })),
    grid: heights.map((height, index) => ({
      left: 360,
      right: 110,
      top: (tops[index] ?? 0) + titleHeight,
      height,
    })),
    xAxis: drawings.map(({ results }, gridIndex) => ({
      type: 'value',
      gridIndex,
      max: longest(results),
      axisLabel: { showMaxLabel: false },
    })),
    yAxis: drawings.map(({ results }, gridIndex) => ({
      type: 'category',
      gridIndex,
      inverse: true,
      axisTick: { show: false },
      data: results.map(({ policy, ledger }) => `${policy.name}  ${money(ledger.total)}`),
    })),
    series: drawings.flatMap(({ results }, index) => series(results, index)),
  }
  const drawn = init(null, null, { renderer: 'svg', ssr: true, width, height })
  drawn.setOption(option)
  const svg = drawn.renderToSVGString()
  drawn.dispose()
  return svg
}

function series(results: readonly Result[], index: number): BarSeriesOption[] {
  const most = longest(results)
  return parts.map((part) => ({
    type: 'bar',
    name: partNames[part],
    stack: String(index),
    xAxisIndex: index,
    yAxisIndex: index,
    barWidth: '70%',
    itemStyle: { color: colours[part] },
    data: results.map(({ ledger }) => shown(ledger, part, most)),
  }))
}

const money = (usd: number): string => (usd >= 100 ? usd.toFixed(0) : usd.toFixed(2))

/** US$ at which bars are cut off, so that one that is far longer does not make all others short: its total stands beside it. */
function longest(results: readonly Result[]): number {
  const standard = results.find(({ policy }) => policy.name === 'all Standard')?.ledger.total ?? 0
  const most = Math.max(...results.map(({ ledger }) => ledger.total))
  return Number(Math.min(most, standard === 0 ? most : 2 * standard).toPrecision(2))
}

function shown(ledger: Ledger, part: Part, most: number): number {
  const before = parts.slice(0, parts.indexOf(part)).reduce((sum, other) => sum + ledger[other], 0)
  return Math.max(0, Math.min(ledger[part], most - before))
}
