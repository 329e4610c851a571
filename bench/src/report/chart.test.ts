import { expect, it } from 'vitest'
import { suite } from '../suites/core.ts'
import { chart } from './chart.ts'
import { toLines, type Measurement } from './lines.ts'

it('draws a bar for each rate and none for other units', () => {
  const measurement: Measurement = {
    suite: 'core',
    scenario: 'drain-c1',
    system: 'jobport-memory',
    unit: 'jobs/s',
    rounds: [1000],
  }
  const measurements: readonly Measurement[] = [
    measurement,
    { ...measurement, system: 'limit-memory', rounds: [2000] },
    { ...measurement, scenario: 'pickup-p50', unit: 'ms' },
  ]
  const svg = chart(suite, toLines(measurements, suite.contests))
  const legend = 2
  expect(svg.match(/<rect /g)).toHaveLength(2 + legend)
  expect(svg).toContain('>2.00k<')
  expect(svg).not.toContain('pickup')
})
