import type { Contest } from '../suite.ts'
import type { Line } from './lines.ts'
import { formatNumber } from './number.ts'
import { spread } from './statistics.ts'
import type { Table } from './table.ts'

/** The table of one contest: a row for each scenario, ours first, then each peer with how many times its value ours is. */
export function comparison(lines: readonly Line[], { ours, peers }: Contest): Table {
  const systems = [...ours, ...peers].filter((system) => lines.some((line) => line.system === system))
  const pairs = ours
    .flatMap((our) => peers.map((peer) => [our, peer] as const))
    .filter((pair) => pair.every((system) => systems.includes(system)))
  const relevant = lines.filter((line) => systems.includes(line.system))
  const scenarios = [...new Map(relevant.map((line) => [line.scenario, line.unit]))]
  const find = (scenario: string, system: string): Line | undefined =>
    relevant.find((line) => line.scenario === scenario && line.system === system)
  return {
    head: ['', 'unit', ...systems, ...pairs.map(([our, peer]) => (ours.length > 1 ? `${our} ÷ ${peer}` : `÷ ${peer}`))],
    align: ['left', 'left', ...systems.map(() => 'right' as const), ...pairs.map(() => 'right' as const)],
    rows: scenarios.map(([scenario, unit]) => [
      scenario,
      unit,
      ...systems.map((system) => formatLine(find(scenario, system))),
      ...pairs.map(([our, peer]) => formatRatio(find(scenario, our)?.ratio?.[peer])),
    ]),
  }
}

function formatLine(line: Line | undefined): string {
  if (line === undefined) return '–'
  const value = formatNumber(line.median)
  return line.rounds.length > 1 ? `${value} ±${Math.round(spread(line.rounds) * 100)} %` : value
}

function formatRatio(ratio: number | undefined): string {
  return ratio === undefined ? '–' : `${ratio.toFixed(2)}×`
}
