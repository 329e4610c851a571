import fc from 'fast-check'
import { expect, it } from 'vitest'
import { layOut } from './gallery.ts'

const aspects = fc.array(fc.double({ min: 0.4, max: 4, noNaN: true }), { minLength: 1, maxLength: 300 })

it('keeps every picture inside, apart from the others, and in proportion', () => {
  fc.assert(
    fc.property(aspects, (given) => {
      const { boxes, height } = layOut(given, 1600)
      expect(boxes).toHaveLength(given.length)
      boxes.forEach(({ left, top, width, height: tall }, index) => {
        expect(left).toBeGreaterThanOrEqual(24)
        expect(left + width).toBeLessThanOrEqual(1600 - 24)
        expect(top + tall).toBeLessThanOrEqual(height - 24)
        expect(tall).toBeGreaterThan(0)
        expect(Math.abs(width / tall / given[index]! - 1)).toBeLessThan(0.05)
        const next = boxes[index + 1] ?? { left: 0, top: Infinity }
        expect(next.top === top ? next.left >= left + width : next.top >= top + tall).toBe(true)
      })
    }),
  )
})

it('fills every row to the edge when there are enough pictures', () => {
  const { boxes } = layOut(
    Array.from({ length: 38 }, (_, index) => 0.7 + (index % 5) * 0.3),
    1600,
  )
  const ends = Map.groupBy(boxes, ({ top }) => top)
  for (const row of ends.values()) expect(Math.max(...row.map(({ left, width }) => left + width))).toBe(1600 - 24)
  expect(ends.size).toBeGreaterThan(3)
})

it('does not blow up a single picture', () => {
  const { boxes } = layOut([1.5], 1600)
  expect(boxes[0]!.height).toBeLessThanOrEqual(352)
})
