import { afterEach, expect, it, vi } from 'vitest'
import { systemClock } from './clock.ts'

afterEach(() => void vi.useRealTimers())

it('schedules beyond the longest timeout of the platform', () => {
  vi.useFakeTimers()
  let called = 0
  systemClock.schedule(30 * 86_400_000, () => called++)
  vi.advanceTimersByTime(30 * 86_400_000 - 1)
  expect(called).toBe(0)
  vi.advanceTimersByTime(1)
  expect(called).toBe(1)
})

it('cancels at any time', () => {
  vi.useFakeTimers()
  let called = 0
  const cancel = systemClock.schedule(30 * 86_400_000, () => called++)
  vi.advanceTimersByTime(29 * 86_400_000)
  cancel()
  vi.advanceTimersByTime(2 * 86_400_000)
  expect(called).toBe(0)
})

it('is never early by the clock that it is read from', async () => {
  const delays = Array.from({ length: 200 }, (_, index) => 5 + index / 17)
  const early = await Promise.all(
    delays.map(
      (delay) =>
        new Promise<boolean>((resolve) => {
          const due = systemClock.now() + delay
          systemClock.schedule(delay, () => resolve(systemClock.now() < due))
        }),
    ),
  )
  expect(early.filter(Boolean)).toEqual([])
})
