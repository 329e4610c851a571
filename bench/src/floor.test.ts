import { describe, expect, it } from 'vitest'
import { judge, type Floor } from './floor.ts'
import type { Line } from './report/lines.ts'

const line = (system: string, scenario: string, median: number): Line => ({
  suite: 'redis',
  scenario,
  system,
  unit: 'jobs/s',
  median,
  rounds: [median],
})
const lines = [
  line('ours', 'drain', 300),
  line('slow', 'drain', 50),
  line('fast', 'drain', 100),
  line('ours', 'delay', 6),
  line('slow', 'delay', 8),
  line('fast', 'delay', 5),
  line('ours', 'drain-full', 240),
]
const floor = (scenario: string, rest: Omit<Floor, 'system' | 'scenario'>): Floor => ({
  system: 'ours',
  scenario,
  ...rest,
})
const judgeOne = (one: Floor) => judge([one], lines)[0]

describe('a floor', () => {
  it('is met by the ratio to the best of the rivals', () => {
    expect(judgeOne(floor('drain', { over: ['slow', 'fast'], bound: { atLeast: 3 } }))).toMatchObject({
      value: 3,
      rival: 'fast',
      gap: 0,
    })
  })

  it('says by which part it was missed', () => {
    expect(judgeOne(floor('drain', { over: ['fast'], bound: { atLeast: 4 } }))!.gap).toBeCloseTo(0.25)
    expect(judgeOne(floor('delay', { over: ['slow'], bound: { atMost: 0.5 } }))!.gap).toBeCloseTo(0.5)
  })

  it('takes the lowest of the rivals where less is better', () => {
    expect(judgeOne(floor('delay', { over: ['slow', 'fast'], bound: { atMost: 1.2 } }))).toMatchObject({
      value: 1.2,
      rival: 'fast',
      gap: 0,
    })
  })

  it('compares with another scenario of ours, or takes the figure itself', () => {
    expect(judgeOne(floor('drain-full', { over: { scenario: 'drain' }, bound: { atLeast: 0.9 } }))!.value).toBe(0.8)
    expect(judgeOne(floor('drain', { bound: { atLeast: 250 } }))).toMatchObject({ value: 300, gap: 0 })
  })

  it('is not judged where something was not measured', () => {
    expect(judgeOne(floor('pickup', { bound: { atMost: 1 } }))).toBeUndefined()
    expect(judgeOne(floor('drain', { over: ['absent'], bound: { atLeast: 1 } }))).toBeUndefined()
    expect(judgeOne(floor('drain', { over: { scenario: 'absent' }, bound: { atLeast: 1 } }))).toBeUndefined()
  })
})
