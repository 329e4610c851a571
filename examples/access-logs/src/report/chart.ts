import { writeFile } from 'node:fs/promises'
import { BarChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components'
import { init, use, type EChartsCoreOption } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import sharp from 'sharp'
import type { Count } from '../store/log-store.ts'
import { nameOf } from './formats.ts'

use([BarChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer])

const WIDTH = 960
const HEIGHT = 480
const COLORS = ['#4269d0', '#efb118', '#ff725c', '#6cc5b0', '#3ca951', '#ff8ab7', '#a463f2', '#97bbf5', '#9c6b4e']
const OTHERS_COLOR = '#c9ced6'
const FONT = 'system-ui, DejaVu Sans, sans-serif'

/** Draws what was asked for into a file: `.png`, or else SVG. A bar for each day or, of a single day, for each uri. */
export async function writeChart(file: string, counts: readonly Count[]): Promise<void> {
  const svg = drawChart(counts)
  await writeFile(file, file.endsWith('.png') ? await sharp(Buffer.from(svg), { density: 144 }).png().toBuffer() : svg)
}

export function drawChart(counts: readonly Count[]): string {
  const days = [...new Set(counts.map(({ day }) => day))]
  const options = days.length === 1 ? barsOfUris(days[0]!, counts) : barsOfDays(days, counts)
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT })
  try {
    chart.setOption({ backgroundColor: '#ffffff', textStyle: { fontFamily: FONT }, animation: false, ...options })
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}

function barsOfDays(days: readonly string[], counts: readonly Count[]): EChartsCoreOption {
  const uris = totals(counts)
  const series = uris.map(({ uri }, index) => {
    const ofUri = new Map(counts.filter((each) => each.uri === uri).map(({ day, count }) => [day, count]))
    return {
      type: 'bar',
      stack: 'uris',
      name: nameOf(uri),
      barMaxWidth: 60,
      itemStyle: { color: uri === null ? OTHERS_COLOR : COLORS[index % COLORS.length]! },
      data: days.map((day) => ofUri.get(day) ?? 0),
    }
  })
  return {
    title: titleOf(days.length === 0 ? 'No requests' : `Requests per day, ${days[0]} to ${days.at(-1)}`),
    legend: {
      orient: 'vertical',
      left: WIDTH - 248,
      top: 56,
      itemWidth: 12,
      itemHeight: 12,
      textStyle: { width: 200, overflow: 'truncate' },
    },
    grid: { left: 80, right: 264, top: 64, bottom: 40 },
    xAxis: { type: 'category', data: days, axisTick: { show: false } },
    yAxis: { type: 'value', axisLabel: { formatter: grouped } },
    series,
  }
}

function barsOfUris(day: string, counts: readonly Count[]): EChartsCoreOption {
  const bars = totals(counts).toReversed()
  return {
    title: titleOf(`Requests on ${day}`),
    grid: { left: 240, right: 96, top: 64, bottom: 24 },
    xAxis: { type: 'value', axisLabel: { show: false }, splitLine: { show: false } },
    yAxis: {
      type: 'category',
      data: bars.map(({ uri }) => nameOf(uri)),
      axisTick: { show: false },
      axisLabel: { width: 210, overflow: 'truncate' },
    },
    series: [
      {
        type: 'bar',
        barMaxWidth: 28,
        label: { show: true, position: 'right', formatter: ({ value }: { readonly value: number }) => grouped(value) },
        data: bars.map(({ uri, count }) => ({
          value: count,
          itemStyle: { color: uri === null ? OTHERS_COLOR : COLORS[0] },
        })),
      },
    ],
  }
}

/** The greatest first, and the others last. */
function totals(counts: readonly Count[]): { readonly uri: string | null; readonly count: number }[] {
  const sums = new Map<string | null, number>()
  for (const { uri, count } of counts) sums.set(uri, (sums.get(uri) ?? 0) + count)
  const sorted = [...sums].map(([uri, count]) => ({ uri, count })).toSorted((a, b) => b.count - a.count)
  return [...sorted.filter(({ uri }) => uri !== null), ...sorted.filter(({ uri }) => uri === null)]
}

function titleOf(text: string): object {
  return { text, left: 16, top: 14, textStyle: { fontSize: 16, fontWeight: 600 } }
}

function grouped(value: number): string {
  return value.toLocaleString('en')
}
