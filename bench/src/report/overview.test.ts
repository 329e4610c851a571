import { expect, it } from 'vitest'
import type { Line } from './lines.ts'
import { overviewChart } from './overview-chart.ts'
import { overviewTable } from './overview.ts'

const drain: Line = {
  suite: 'redis',
  scenario: 'drain-c100',
  system: 'jobport-redis',
  unit: 'jobs/s',
  median: 240_000,
  rounds: [240_000],
  ratio: { bullmq: 12, 'bee-queue': 10, 'limit-redis': 0.5 },
}
const { ratio: _, ...bare } = drain
const lines: readonly Line[] = [
  drain,
  { ...bare, system: 'bullmq', median: 20_000 },
  { ...bare, system: 'bee-queue', median: 24_000 },
  { ...bare, system: 'limit-redis', median: 480_000 },
  { ...drain, scenario: 'pickup-p50', unit: 'ms', median: 0.25, ratio: { bullmq: 0.5, 'bee-queue': 1.1 } },
  { ...bare, suite: 'core', system: 'jobport-memory', median: 776_000 },
]

it('shows ours beside the best peer of each row, and never beside a limit', () => {
  const { head, rows } = overviewTable(lines)
  const at = (title: string): number => head.indexOf(title)
  expect(rows.map(([system]) => system)).toEqual(['redis', 'memory'])
  expect(rows[0]![at('drain, 100 at a time')]).toBe('240k/s (10×)')
  expect(rows[0]![at('pickup, p50')]).toBe('0.250 ms (1.1×)')
  expect(rows[0]![at('enqueue, 100 callers')]).toBe('–')
  expect(rows[1]![at('drain, 100 at a time')]).toBe('776k/s')
})

it('takes a system from the suite in which it has peers', () => {
  const alone: Line = { ...bare, suite: 'amqp', median: 250_000 }
  for (const order of [
    [alone, ...lines],
    [...lines, alone],
  ]) {
    const row = overviewTable(order).rows.find(([system]) => system === 'redis')
    expect(row!.join()).toContain('240k/s (10×)')
  }
})

it('draws ours and its peers, and nothing that has none', () => {
  const svg = overviewChart(lines)
  expect(svg.match(/<rect /g)).toHaveLength(3)
  for (const system of ['jobport-redis', 'bullmq', 'bee-queue']) expect(svg).toContain(`>${system}<`)
})
