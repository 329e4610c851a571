import { BAR, drawBar, escape, GAP, OURS, PEERS, picture } from './chart.ts'
import type { Line } from './lines.ts'
import { formatNumber } from './number.ts'
import { peersOf } from './overview.ts'

const SCENARIO = 'drain-c100'
const LEFT = 170
const TOP = 8

/** One scenario on every backend: bars for ours and its peers, each backend to a scale of its own. */
export function overviewChart(lines: readonly Line[]): string {
  const parts: string[] = []
  let y = TOP
  for (const ours of lines) {
    const peers = ours.scenario === SCENARIO ? peersOf(ours) : []
    if (peers.length === 0) continue
    const rivals = lines.filter(
      ({ suite, scenario, system }) => suite === ours.suite && scenario === SCENARIO && peers.includes(system),
    )
    const most = Math.max(ours.median, ...rivals.map(({ median }) => median))
    for (const [index, { system, median }] of [ours, ...rivals].entries()) {
      const color = index === 0 ? OURS[0]! : PEERS[0]!
      parts.push(
        `<text x="${LEFT - 10}" y="${y + 11}" text-anchor="end">${escape(system)}</text>`,
        drawBar({ x: LEFT, y, share: median / most, color, label: formatNumber(median) }),
      )
      y += BAR
    }
    y += GAP
  }
  return picture('jobs drained per second, 100 at a time', y, parts)
}
