import { expect, it } from 'vitest'
import { spread } from './spread.ts'

it.each([
  { items: 2_000, videos: 20, damaged: 3 },
  { items: 10, videos: 10, damaged: 0 },
  { items: 10, videos: 4, damaged: 6 },
  { items: 7, videos: 3, damaged: 2 },
  { items: 1, videos: 0, damaged: 0 },
])('has as many of each as was said: %o', (mixture) => {
  const kinds = spread(mixture)
  const count = (kind: string): number => kinds.filter((each) => each === kind).length
  expect(kinds).toHaveLength(mixture.items)
  expect([count('video'), count('damaged')]).toEqual([mixture.videos, mixture.damaged])
})

it('spreads them evenly', () => {
  const kinds = spread({ items: 100, videos: 10, damaged: 0 })
  for (let from = 0; from < 100; from += 10)
    expect(kinds.slice(from, from + 10).filter((kind) => kind === 'video')).toHaveLength(1)
})
