import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Patience, TIMED_OUT } from './patience.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const never = new Promise<string>(() => {})
const refuse = (error: unknown): never => {
  throw error
}

it('ends the wait for each reply in its own time, by one timer', async () => {
  const patience = new Patience(100)
  const ended: number[] = []
  const call = (index: number): Promise<unknown> => patience.with(never, refuse).catch(() => ended.push(index))
  const calls = [call(0)]
  await vi.advanceTimersByTimeAsync(60)
  calls.push(call(1))
  expect(vi.getTimerCount()).toBe(1)
  await vi.advanceTimersByTimeAsync(40)
  expect(ended).toEqual([0])
  await vi.advanceTimersByTimeAsync(59)
  expect(ended).toEqual([0])
  await vi.advanceTimersByTimeAsync(1)
  expect(ended).toEqual([0, 1])
  await Promise.all(calls)
  expect(vi.getTimerCount()).toBe(0)
})

it('says what happened, and leaves it to the caller what becomes of a failure', async () => {
  const patience = new Patience(100)
  const late = patience.with(never, async (error) => (error as Error).message)
  await vi.advanceTimersByTimeAsync(100)
  expect(await late).toBe(TIMED_OUT)
  expect(await patience.with(Promise.reject(new Error('no')), async () => 'other')).toBe('other')
  await expect(patience.with(Promise.reject(new Error('no')), refuse)).rejects.toThrow('no')
})

it('waits for nothing once replies are there', async () => {
  const patience = new Patience(100)
  expect(await patience.with(Promise.resolve('yes'), refuse)).toBe('yes')
  await vi.advanceTimersByTimeAsync(100)
  expect(vi.getTimerCount()).toBe(0)
})
