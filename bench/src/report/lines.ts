import type { Unit } from '../scenario.ts'
import type { Contest } from '../suite.ts'
import { median } from './statistics.ts'

/** One result: a line of the JSON output, and what tables and charts are made of. */
export interface Line {
  readonly suite: string
  readonly scenario: string
  readonly system: string
  readonly unit: Unit
  readonly median: number
  readonly rounds: readonly number[]
  /** Ours divided by the peer's, where that is more than nothing; on our lines only. */
  readonly ratio?: Readonly<Record<string, number>>
}

export type Measurement = Omit<Line, 'median' | 'ratio'>

/** Completes the measurements, in their order. */
export function toLines(measurements: readonly Measurement[], contests: readonly Contest[]): readonly Line[] {
  const medians = measurements.map((one) => ({ ...one, median: median(one.rounds) }))
  return medians.map(({ suite, scenario, system, unit, median, rounds }) => {
    const peers = new Set(contests.flatMap((contest) => (contest.ours.includes(system) ? contest.peers : [])))
    const ratio = Object.fromEntries(
      medians
        .filter((other) => other.scenario === scenario && peers.has(other.system) && other.median > 0)
        .map((other) => [other.system, round(median / other.median)]),
    )
    const line = { suite, scenario, system, unit, median: round(median), rounds: rounds.map(round) }
    return Object.keys(ratio).length === 0 ? line : { ...line, ratio }
  })
}

/** One JSON object a line. */
export function toJsonLines(lines: readonly Line[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** What `toJsonLines` wrote. */
export function parseJsonLines(text: string): readonly Line[] {
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]))
}

/** Four significant digits: more would claim a precision that no benchmark has. */
function round(value: number): number {
  return Number(value.toPrecision(4))
}
