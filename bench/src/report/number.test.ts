import { expect, it } from 'vitest'
import { formatNumber } from './number.ts'

it.each([
  [0, '0'],
  [0.02314, '0.023'],
  [0.9996, '1.00'],
  [9.996, '10.0'],
  [99.96, '100'],
  [999.6, '1.00k'],
  [28_640, '28.6k'],
  [412_345, '412k'],
  [999_600, '1.00M'],
  [1_050_000, '1.05M'],
])('writes %d as %s', (value, text) => {
  expect(formatNumber(value)).toBe(text)
})
