import { expect, it } from 'vitest'
import { toJsonLines, toLines, type Measurement } from './lines.ts'

const contests = [{ ours: ['ours'], peers: ['theirs', 'bare'] }]

function measurement(system: string, rounds: readonly number[], scenario = 'drain-c10'): Measurement {
  return { suite: 'core', scenario, system, unit: 'jobs/s', rounds }
}

it('gives our lines the ratio to each peer that was measured', () => {
  const [ours, theirs] = toLines([measurement('ours', [300, 100, 200]), measurement('theirs', [50])], contests)
  expect(ours).toEqual({
    suite: 'core',
    scenario: 'drain-c10',
    system: 'ours',
    unit: 'jobs/s',
    median: 200,
    rounds: [300, 100, 200],
    ratio: { theirs: 4 },
  })
  expect(theirs).not.toHaveProperty('ratio')
})

it('compares within a scenario only', () => {
  const [ours] = toLines([measurement('ours', [300]), measurement('theirs', [50], 'drain-c1')], contests)
  expect(ours).not.toHaveProperty('ratio')
})

it('does not divide by what a peer does not use at all', () => {
  const [ours] = toLines([measurement('ours', [300]), measurement('theirs', [0]), measurement('bare', [-1])], contests)
  expect(ours).not.toHaveProperty('ratio')
})

it('writes one object a line, with no more digits than were measured', () => {
  const text = toJsonLines(toLines([measurement('ours', [123_456.789]), measurement('bare', [1])], contests))
  expect(text.endsWith('\n')).toBe(true)
  const objects = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly median: number })
  expect(objects.map(({ median }) => median)).toEqual([123_500, 1])
})
