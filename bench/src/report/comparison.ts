import type { Contest } from '../suite.ts'
import type { Line } from './lines.ts'
import { formatNumber } from './number.ts'
import { spread } from './statistics.ts'
import type { Table } from './table.ts'

/** The table of one contest: a row for each scenario, ours first, then each peer, and in brackets how many times its value ours is. */
export function comparison(lines: readonly Line[], { ours, peers }: Contest): Table {
  const systems = [...ours, ...peers].filter((system) => lines.some((line) => line.system === system))
  const relevant = lines.filter((line) => systems.includes(line.system))
  const scenarios = [...new Map(relevant.map((line) => [line.scenario, line.unit]))]
  return {
    head: ['', 'unit', ...systems],
    align: ['left', 'left', ...systems.map(() => 'right' as const)],
    rows: scenarios.map(([scenario, unit]) => {
      const measured = relevant.filter((line) => line.scenario === scenario)
      return [scenario, unit, ...systems.map((system) => cell(system, measured))]
    }),
  }
}

function cell(system: string, measured: readonly Line[]): string {
  const line = measured.find((each) => each.system === system)
  if (line === undefined) return '–'
  const value = formatNumber(line.median)
  const range = line.rounds.length > 1 ? ` ±${Math.round(spread(line.rounds) * 100)} %` : ''
  const ratios = measured.flatMap(({ ratio }) => ratio?.[system] ?? [])
  return `${value}${range}${ratios.map(inBrackets).join('')}`
}

function inBrackets(ratio: number): string {
  return ` (${Number(ratio.toPrecision(3))}×)`
}
