import { expect, it } from 'vitest'
import { Tally } from './tally.ts'

const NOON = Date.UTC(2017, 10, 1, 12) / 1_000
const A_DAY = 86_400

it('counts each uri of each day, also when days come out of order', () => {
  const tally = new Tally()
  for (const [days, uri] of [
    [0, '/a'],
    [0, '/b'],
    [1, '/a'],
    [0, '/a'],
  ] as const)
    tally.add(NOON + days * A_DAY, uri)
  expect(tally.take()).toEqual([
    { day: '2017-11-01', uri: '/a', count: 2 },
    { day: '2017-11-01', uri: '/b', count: 1 },
    { day: '2017-11-02', uri: '/a', count: 1 },
  ])
  expect(tally.take()).toEqual([])
})

it('is full before ever new uris fill the memory, and begins anew', () => {
  const tally = new Tally()
  const long = 'x'.repeat(10_000)
  let added = 0
  while (!tally.isFull) tally.add(NOON, `${long}${added++}`)
  expect(added).toBeLessThan(1_000)
  expect(tally.take()).toHaveLength(added)
  expect(tally.isFull).toBe(false)
})
