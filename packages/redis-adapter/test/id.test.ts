import fc from 'fast-check'
import { expect, it } from 'vitest'
import { packId, unpackId } from '../src/codec/id.ts'

it('keeps a UUID in 23 characters, none of which ends a line', () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      const text = packId(id)
      expect(text).toMatch(/^~[0-o]{22}$/)
      expect(unpackId(text)).toBe(id)
    }),
  )
})

it('tells all UUIDs apart, up to the last digit', () => {
  const ids = Array.from('0123456789abcdef', (digit) => [
    `01970000-0000-7000-8000-00000000000${digit}`,
    `01970000-0000-7000-8000-0000000000${digit}0`,
    `${digit}1970000-0000-7000-8000-000000000000`,
  ]).flat()
  expect(new Set(ids.map(packId)).size).toBe(new Set(ids).size)
  expect(ids.map(packId).map(unpackId)).toEqual(ids)
})

it('keeps every other id as it is', () => {
  const others = fc.oneof(
    fc.stringMatching(/^[\w.:-]{1,128}$/),
    fc.uuid().map((id) => id.toUpperCase()),
    fc.uuid().map((id) => id.replace('-', '0')),
    fc.uuid().map((id) => `${id.slice(0, 35)}g`),
    fc.uuid().map((id) => `${id.slice(0, 20)}ğ${id.slice(21)}`),
  )
  fc.assert(
    fc.property(others, (id) => {
      fc.pre(!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
      expect(packId(id)).toBe(id)
      expect(unpackId(id)).toBe(id)
    }),
  )
})
