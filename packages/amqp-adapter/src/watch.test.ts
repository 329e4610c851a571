import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Watch } from './watch.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Looks at things that are due at these times, and tells which it found. */
function watching(...times: number[]) {
  const start = performance.now()
  const left = new Set(times)
  const found: [due: number, at: number][] = []
  const watch = new Watch((now) => {
    for (const time of [...left].filter((each) => start + each <= now)) {
      left.delete(time)
      found.push([time, now - start])
    }
    return start + Math.min(...left)
  })
  for (const time of times) watch.at(start + time)
  return { watch, left, found }
}

it('each is found when it is due, whatever the order in which they came', async () => {
  const { found } = watching(300, 100, 100.5, 2_000)
  expect(vi.getTimerCount()).toBe(1)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(found.map(([due]) => due)).toEqual([100, 100.5, 300, 2_000])
  for (const [due, at] of found) expect(at - due).toBeLessThan(2)
  expect(vi.getTimerCount()).toBe(0)
})

it('what is over before it is due costs one look in vain, after which the next is waited for', async () => {
  const { left, found } = watching(100, 500)
  left.delete(100)
  await vi.advanceTimersByTimeAsync(499)
  expect(found).toEqual([])
  await vi.advanceTimersByTimeAsync(2)
  expect(found.map(([due]) => due)).toEqual([500])
})

it('what is due in more than 24 days is waited for', async () => {
  const days = 30 * 24 * 60 * 60 * 1_000
  const { found } = watching(days)
  await vi.advanceTimersByTimeAsync(days - 1)
  expect(found).toEqual([])
  await vi.advanceTimersByTimeAsync(2)
  expect(found).toHaveLength(1)
})

it('after stop nothing is looked at, until there is something new', async () => {
  const { watch, found } = watching(100)
  watch.stop()
  await vi.advanceTimersByTimeAsync(200)
  expect(found).toEqual([])
  watch.at(performance.now())
  await vi.advanceTimersByTimeAsync(1)
  expect(found).toHaveLength(1)
})
