import { expect, it } from 'vitest'
import { Demand } from './demand.ts'

function after(jobsPerMs: number, roundTrip = 0): number {
  const demand = new Demand(1_000)
  demand.wake(0)
  if (roundTrip > 0) demand.answered(roundTrip)
  for (let now = 1; now <= 100; now++) {
    for (let job = 0; job < Math.floor(jobsPerMs); job++) demand.count()
    if (jobsPerMs < 1 && now % (1 / jobsPerMs) === 0) demand.count()
    demand.measure(now)
  }
  return demand.ahead
}

it.each<[string, number, number, number, number]>([
  ['nothing for slow handlers', 0.01, 0, 0, 0],
  ['ten milliseconds of work for quick ones', 10, 0, 96, 100],
  ['three round trips of work where those take longer', 10, 15, 440, 450],
  ['never more than its most', 10_000, 0, 1_000, 1_000],
])('claims ahead %s', (_, jobsPerMs, roundTrip, least, most) => {
  expect(after(jobsPerMs, roundTrip)).toBeGreaterThanOrEqual(least)
  expect(after(jobsPerMs, roundTrip)).toBeLessThanOrEqual(most)
})

it('begins anew when what was claimed ahead had to wait', () => {
  const demand = new Demand(1_000)
  demand.wake(0)
  for (let job = 0; job < 500; job++) demand.count()
  demand.measure(5)
  expect(demand.ahead).toBeGreaterThan(0)
  demand.reset(6)
  expect(demand.ahead).toBe(0)
})
