import { expect, it } from 'vitest'
import type { Verdict } from '../floor.ts'
import { floorSummary, floorTable } from './floors.ts'

const verdicts: readonly Verdict[] = [
  {
    floor: { system: 'ours', scenario: 'drain-c100', over: ['theirs'], bound: { atLeast: 10 } },
    value: 7.514,
    rival: 'theirs',
    gap: 0.2486,
  },
  {
    floor: { system: 'ours', scenario: 'pickup-p50', over: ['a', 'b'], bound: { atMost: 0.8 } },
    value: 0.5,
    rival: 'b',
    gap: 0,
  },
  {
    floor: { system: 'ours', scenario: 'drain-full', over: { scenario: 'drain' }, bound: { atLeast: 0.9 } },
    value: 0.897,
    rival: 'ours',
    gap: 0.0033,
  },
  {
    floor: { system: 'ours', scenario: 'drain-c1', bound: { atLeast: 250_000 } },
    value: 300_000,
    rival: undefined,
    gap: 0,
  },
]

it('says what was asked, what was reached and what is missing', () => {
  expect(floorTable(verdicts).rows).toEqual([
    ['ours', 'drain-c100', '≥ 10× theirs', '7.51×', 'missed by 25 %'],
    ['ours', 'pickup-p50', '≤ 0.8× the best peer (b)', '0.5×', 'met'],
    ['ours', 'drain-full', '≥ 0.9× drain', '0.897×', 'missed by less than 1 %'],
    ['ours', 'drain-c1', '≥ 250k', '300k', 'met'],
  ])
})

it('counts', () => {
  expect(floorSummary(verdicts)).toBe('Floors: 2 of 4 met.')
})
