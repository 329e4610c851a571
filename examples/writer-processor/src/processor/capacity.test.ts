import { expect, it } from 'vitest'
import { capacityFor } from './capacity.ts'

it.each([
  // 200 a second of 0.1 s each are 20 at a time; half as much again is 30.
  [
    { work: 100, rate: 200, headroom: 0.5 },
    { concurrency: 30, utilisation: 2 / 3, highestRate: 300, lease: 10_000 },
  ],
  [
    { work: 100, rate: 200, headroom: 0 },
    { concurrency: 20, utilisation: 1, highestRate: 200, lease: 10_000 },
  ],
  [
    { work: 5, rate: 10, headroom: 0.5 },
    { concurrency: 1, utilisation: 0.05, highestRate: 200, lease: 7_000 },
  ],
  [
    { work: 2_000, rate: 5, headroom: 1 },
    { concurrency: 20, utilisation: 0.5, highestRate: 10, lease: 67_000 },
  ],
])('%j takes %j', (demand, capacity) => {
  expect(capacityFor(demand)).toMatchObject(capacity)
})

it('leaves an ordinary message a third of its lease, so that none has to be extended', () => {
  for (const work of [1, 100, 5_000]) {
    const { lease } = capacityFor({ work, rate: 10, headroom: 0.5 })
    expect(lease / 3).toBeGreaterThan(10 * work)
    expect(lease % 1_000).toBe(0)
  }
})
