import { describe, expect, it } from 'vitest'
import { toMs, toPositiveMs, type Duration } from './duration.ts'

describe('durations', () => {
  it.each<[Duration, number]>([
    [0, 0],
    [250, 250],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
  ])('%s', (duration, ms) => {
    expect(toMs(duration, 'x')).toBe(ms)
  })

  it.each([-1, NaN, Infinity, '', '5', '5 m', '-5m', '5M', 'm', '1e3s', null, {}, '9'.repeat(50_000) + 'x'])(
    'refuses %s',
    (nonsense) => {
      expect(() => toMs(nonsense as Duration, 'delay')).toThrow(/^delay: /)
    },
  )

  it('refuses nothing at all where something is needed', () => {
    expect(() => toPositiveMs('0s', 'lease')).toThrow('lease: must be longer than 0')
  })
})
