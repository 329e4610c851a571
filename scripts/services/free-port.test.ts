import { expect, test } from 'vitest'
import { freePort } from './free-port.ts'

test('a port is given out once, and is none that the system gives to others', async () => {
  // Of 300 out of 12,000, some would be the same by chance.
  const ports = await Promise.all(Array.from({ length: 300 }, freePort))
  expect(new Set(ports).size).toBe(ports.length)
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000)
  expect(Math.max(...ports)).toBeLessThan(32_000)
})
