import { expect, it } from 'vitest'
import { newJobId } from './job-id.ts'

it('makes UUIDs of version 7 that grow', () => {
  const date = Date.UTC(2031, 4, 5)
  const ids = Array.from({ length: 10_000 }, (_, index) => newJobId(date + (index >> 6)))
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
  expect(Number.parseInt(ids[0]!.replace('-', '').slice(0, 12), 16)).toBe(date)
})

it('keeps growing when the clock stands still or steps back', () => {
  const date = Date.UTC(2032, 4, 5)
  const ids = Array.from({ length: 10_000 }, (_, index) => newJobId(index < 5_000 ? date : date - 3_600_000))
  expect(ids.toSorted()).toEqual(ids)
})
