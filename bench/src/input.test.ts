import { expect, it } from 'vitest'
import { chunks, indexOf, inputAt, inputs } from './input.ts'

it('has 97 bytes as JSON, whatever its number', () => {
  for (const index of [0, 1, 299_999, 4_999_999]) {
    const text = JSON.stringify(inputAt(index))
    expect(Buffer.byteLength(text)).toBe(97)
    expect(indexOf(JSON.parse(text) as ReturnType<typeof inputAt>)).toBe(index)
  }
})

it('comes in calls of a thousand', () => {
  const sizes = chunks(inputs(2500)).map(({ length }) => length)
  expect(sizes).toEqual([1000, 1000, 500])
})
