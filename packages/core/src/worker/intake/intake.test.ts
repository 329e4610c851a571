import { expect, it } from 'vitest'
import { Demand } from './demand.ts'
import { Intake } from './intake.ts'
import { Lane, LaneClaim } from './lane.ts'

/** Claims 1,000 ahead, as quick handlers bring it about. All slots are taken. */
function busy(): { readonly intake: Intake; readonly lane: Lane } {
  const lane = new Lane('work', 1)
  const demand = new Demand(1_000)
  demand.wake(0)
  for (let now = 1; now <= 100; now++) {
    for (let job = 0; job < 10_000; job++) demand.count()
    demand.measure(now)
  }
  const intake = new Intake({
    lanes: [lane],
    claimBatch: 1_000,
    demand,
    rateLimit: undefined,
    now: () => 100,
    room: () => 0,
  })
  return { intake, lane }
}

it('claims what is missing when nothing is on its way', () => {
  const { intake, lane } = busy()
  expect(intake.next()).toEqual({ lane, limit: 1_000 })
})

it('makes no small claim beside those that are on their way', () => {
  const { intake, lane } = busy()
  const claim = new LaneClaim(lane, 800, false)
  expect(intake.next()).toBeUndefined()
  claim.end()
  const smaller = new LaneClaim(lane, 700, false)
  expect(intake.next()).toEqual({ lane, limit: 300 })
  smaller.end()
})
