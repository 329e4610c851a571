import { BarChart } from 'echarts/charts'
import { GridComponent, TitleComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([BarChart, GridComponent, TitleComponent, SVGRenderer])

export interface Bar {
  readonly label: string
  readonly rate: number
  readonly cores: number
}

/** Readable on white and on black. */
const INK = '#7c8798'

/** A bar for each number of processors. */
export function drawRates(bars: readonly Bar[], title: string): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 720, height: 64 + bars.length * 44 })
  try {
    const rows = bars.toReversed()
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: 'system-ui, sans-serif', color: INK },
      title: { text: title, left: 8, top: 8, textStyle: { color: INK, fontSize: 15 } },
      grid: { left: 190, right: 200, top: 48, bottom: 8 },
      xAxis: { type: 'value', show: false },
      yAxis: {
        type: 'category',
        data: rows.map(({ label }) => label),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { color: INK, fontSize: 13 },
      },
      series: [
        {
          type: 'bar',
          barMaxWidth: 26,
          itemStyle: { color: '#5b5bd6', borderRadius: 4 },
          data: rows.map(({ rate }) => rate),
          label: {
            show: true,
            position: 'right',
            color: INK,
            fontSize: 13,
            formatter: ({ dataIndex }: { readonly dataIndex: number }) => {
              const { rate, cores } = rows[dataIndex]!
              return `${rate.toFixed(1)} images/s, ${cores.toFixed(1)} cores`
            },
          },
        },
      ],
    })
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}
