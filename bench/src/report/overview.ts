import type { Line } from './lines.ts'
import { formatNumber } from './number.ts'
import type { Table } from './table.ts'

/** What stands in a cell: the name of a line of the results, and how it is read. */
interface Column {
  readonly head: string
  readonly scenario: string
  readonly format: (value: number) => string
}

const rate = (value: number): string => `${formatNumber(value)}/s`

const COLUMNS: readonly Column[] = [
  { head: 'enqueue, 100 callers', scenario: 'enqueue-c100', format: rate },
  { head: 'enqueue, 1000 a call', scenario: 'enqueue-bulk', format: rate },
  { head: 'drain, 100 at a time', scenario: 'drain-c100', format: rate },
  { head: 'pickup, p50', scenario: 'pickup-p50', format: (value) => `${formatNumber(value)} ms` },
  // Seconds for 100,000 jobs are tens of microseconds for one.
  { head: 'CPU of the client, a job', scenario: 'cpu-client', format: (value) => `${formatNumber(value * 10)} µs` },
]

const OURS = 'jobport-'

/** Systems that show what is possible, not what a queue does. */
const LIMIT = 'limit-'

/** With which a line is compared, but for the limits. */
export function peersOf({ ratio = {} }: Line): readonly string[] {
  return Object.keys(ratio).filter((system) => !system.startsWith(LIMIT))
}

/** A row for each system of ours; beside each figure how many times it is that of the best peer in the same run. */
export function overviewTable(lines: readonly Line[]): Table {
  const seen = new Map<string, Line>()
  for (const line of lines) if (line.system.startsWith(OURS)) addOnce(seen, line)
  const systems = [...new Set([...seen.values()].map(({ system }) => system))]
  return {
    head: ['', ...COLUMNS.map(({ head }) => head)],
    align: ['left', ...COLUMNS.map(() => 'right' as const)],
    rows: systems.map((system) => [
      system.slice(OURS.length),
      ...COLUMNS.map(({ scenario, format }) => cell(seen.get(`${system} ${scenario}`), format)),
    ]),
  }
}

/** A system that is measured in several suites is shown as where it has peers. */
function addOnce(seen: Map<string, Line>, line: Line): void {
  const key = `${line.system} ${line.scenario}`
  if (line.ratio !== undefined || !seen.has(key)) seen.set(key, line)
}

function cell(line: Line | undefined, format: (value: number) => string): string {
  if (line === undefined) return '–'
  const ratios = peersOf(line).map((peer) => line.ratio![peer]!)
  if (ratios.length === 0) return format(line.median)
  const best = line.unit === 'jobs/s' ? Math.min(...ratios) : Math.max(...ratios)
  return `${format(line.median)} (${Number(best.toPrecision(2))}×)`
}
