import { describe, expect, it } from 'vitest'
import { median, percentile, spread } from './statistics.ts'

describe('median', () => {
  it('is the middle value', () => {
    expect(median([9, 1, 5])).toBe(5)
  })

  it('is the mean of the two middle values of an even number', () => {
    expect(median([4, 1, 3, 100])).toBe(3.5)
  })

  it('has no answer for no values', () => {
    expect(() => median([])).toThrow(RangeError)
  })
})

describe('percentile', () => {
  it('is the smallest value that so many do not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect(percentile(values, 0.5)).toBe(50)
    expect(percentile(values, 0.99)).toBe(99)
    expect(percentile([7], 0.99)).toBe(7)
  })
})

describe('spread', () => {
  it('is half of the range as a part of the median', () => {
    expect(spread([90, 100, 120])).toBeCloseTo(0.15)
  })

  it('is none where all are nothing', () => {
    expect(spread([0, 0, 0])).toBe(0)
  })
})
