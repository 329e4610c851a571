import type { Suite } from '../suite.ts'
import type { Line } from './lines.ts'
import { formatNumber } from './number.ts'

const WIDTH = 760
const LEFT = 160
const RIGHT = 70
export const BAR = 16
export const GAP = 12
const TITLE = 44

/** Readable on white and on black, as is the text; ours are the coloured ones. */
export const OURS = ['#3b82f6', '#10b981']
export const PEERS = ['#94a3b8', '#a78b6c', '#8d99ae', '#b48ead', '#7f9f7f']

/** Bars for all rates of a suite, a panel for each contest. Follows the reader's dark or light mode. */
export function chart(suite: Suite, lines: readonly Line[]): string {
  const rates = lines.filter(({ unit }) => unit === 'jobs/s')
  let top = 0
  const panels = suite.contests.flatMap(({ ours, peers }) => {
    const shown = rates.filter(({ system }) => ours.includes(system) || peers.includes(system))
    if (shown.length === 0) return []
    const colors = new Map([
      ...ours.map((system, index) => [system, OURS[index % OURS.length]!] as const),
      ...peers.map((system, index) => [system, PEERS[index % PEERS.length]!] as const),
    ])
    const panel = drawPanel(shown, colors, top)
    top += panel.height
    return [panel.svg]
  })
  return picture(`${suite.title}: jobs per second`, top, panels)
}

/** Of the width that all have. */
export function picture(title: string, height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="system-ui, sans-serif" font-size="12">
<title>${escape(title)}</title>
<style>
  text { fill: #64748b }
  @media (prefers-color-scheme: dark) { text { fill: #cbd5e1 } }
</style>
${parts.join('\n')}
</svg>
`
}

function drawPanel(
  lines: readonly Line[],
  colors: ReadonlyMap<string, string>,
  top: number,
): { svg: string; height: number } {
  const most = Math.max(...lines.map(({ median }) => median))
  const systems = [...colors.keys()].filter((system) => lines.some((line) => line.system === system))
  const parts = [drawLegend(systems, colors, top)]
  let y = top + TITLE
  for (const scenario of new Set(lines.map((line) => line.scenario))) {
    const bars = systems.flatMap((system) =>
      lines.filter((line) => line.scenario === scenario && line.system === system),
    )
    const middle = y + (bars.length * BAR) / 2 + 4
    parts.push(`<text x="${LEFT - 10}" y="${middle}" text-anchor="end">${escape(scenario)}</text>`)
    for (const { system, median } of bars) {
      parts.push(drawBar({ x: LEFT, y, share: median / most, color: colors.get(system)!, label: formatNumber(median) }))
      y += BAR
    }
    y += GAP
  }
  return { svg: parts.join('\n'), height: y - top }
}

interface Bar {
  readonly x: number
  readonly y: number
  /** Of the longest bar. */
  readonly share: number
  readonly color: string
  readonly label: string
}

export function drawBar({ x, y, share, color, label }: Bar): string {
  const width = Math.max(1, Math.round((WIDTH - x - RIGHT) * share))
  const bar = `<rect x="${x}" y="${y}" width="${width}" height="${BAR - 2}" rx="2" fill="${color}"/>`
  return `${bar}<text x="${x + width + 6}" y="${y + 11}">${escape(label)}</text>`
}

function drawLegend(systems: readonly string[], colors: ReadonlyMap<string, string>, top: number): string {
  const width = Math.min(160, (WIDTH - LEFT) / systems.length)
  const entries = systems.map((system, index) => {
    const x = LEFT + index * width
    const square = `<rect x="${x}" y="${top + 14}" width="12" height="12" rx="2" fill="${colors.get(system)!}"/>`
    return `${square}<text x="${x + 18}" y="${top + 24}">${escape(system)}</text>`
  })
  return [`<text x="${LEFT - 10}" y="${top + 24}" text-anchor="end">jobs/s</text>`, ...entries].join('\n')
}

export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
