import { expect, it } from 'vitest'
import type { Run } from '../run.ts'
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

it('makes no small claim beside those that are ready, and none for what they will do', () => {
  const { intake, lane } = busy()
  const ready = (count: number): void => {
    for (let run = 0; run < count; run++) lane.add({ handler: { kind: 'one' }, state: 'ready' } as Run)
  }
  ready(400)
  expect(intake.next()).toEqual({ lane, limit: 600 })
  ready(101)
  expect(intake.next()).toBeUndefined()
})

it('makes no more than three claims of one queue at once, those among them whose jobs are on their way', () => {
  const { intake, lane } = busy()
  for (let coming = 0; coming < 2; coming++) new LaneClaim(lane, 10, true).comes(10)
  const last = new LaneClaim(lane, 10, false)
  expect(intake.next()).toBeUndefined()
  last.end()
  expect(intake.next()).toEqual({ lane, limit: 980 })
})

it('lets another claim wait beside jobs that are on their way where it may bring half of what is claimed ahead', () => {
  const { intake, lane } = busy()
  lane.drained = true
  intake.next()
  const most = new LaneClaim(lane, 1_000, true)
  most.comes(501)
  expect(intake.waits()).toEqual([])
  most.end()
  new LaneClaim(lane, 1_000, true).comes(500)
  expect(intake.waits()).toEqual([{ lane, limit: 500 }])
})
