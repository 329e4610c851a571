import { expect, it } from 'vitest'
import { RecentKeys } from './recent-keys.ts'

it('remembers what was accepted with a key', () => {
  const keys = new RecentKeys()
  keys.recall('a', 'content').accepted.add('id')
  expect(keys.recall('a', 'content').accepted.has('id')).toBe(true)
})

it('refuses a key that was used for another content', () => {
  const keys = new RecentKeys()
  keys.recall('a', 'content')
  expect(() => keys.recall('a', 'another')).toThrow(expect.objectContaining({ statusCode: 422, code: 'key-reused' }))
})

it('forgets the oldest beyond the most', () => {
  const keys = new RecentKeys({ most: 2 })
  for (const key of ['a', 'b', 'c']) keys.recall(key, 'content')
  expect(keys.size).toBe(2)
  expect(() => keys.recall('c', 'another')).toThrow('used for something else')
  keys.recall('a', 'another')
})

it('forgets what is older than it keeps', () => {
  let now = 0
  const keys = new RecentKeys({ keep: 1_000, now: () => now })
  keys.recall('a', 'content')
  now = 1_000
  expect(keys.recall('a', 'another').content).toBe('another')
})
