import fc from 'fast-check'
import { expect, it } from 'vitest'
import { packId, unpackId } from '../src/codec/id.ts'

const uuid = fc.uuid({ version: [4, 7] })

it('keeps a UUID in 21 characters, none of which ends a line, and one of which no id has', () => {
  fc.assert(
    fc.property(uuid, (id) => {
      const text = packId(id)
      expect(text).toMatch(/^[0-o]{20}[#-*]$/)
      expect(unpackId(text)).toBe(id)
    }),
  )
})

it('keeps the order of those of one version and variant', () => {
  const ids = fc.array(fc.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/))
  fc.assert(
    fc.property(ids, (some) => {
      expect(some.map(packId).toSorted().map(unpackId)).toEqual(some.toSorted())
    }),
  )
})

it('tells all UUIDs apart, up to the last digit', () => {
  const ids = Array.from('0123456789abcdef', (digit) => [
    `01970000-0000-4000-8000-00000000000${digit}`,
    `01970000-0000-7${digit}00-8000-000000000000`,
    `01970000-0000-7000-9${digit}00-000000000001`,
    `01970000-0000-7000-a000-0${digit}0000000001`,
    `01970000-0000-7000-b000-0${digit}0000000001`,
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
    fc.uuid({ version: [1, 2, 3, 5, 6, 8] }),
    fc.uuid().map((id) => id.toUpperCase()),
    fc.uuid().map((id) => id.replace('-', '0')),
    fc.uuid().map((id) => `${id.slice(0, 35)}g`),
    fc.uuid().map((id) => `${id.slice(0, 19)}7${id.slice(20)}`),
    fc.uuid().map((id) => `${id.slice(0, 19)}c${id.slice(20)}`),
    fc.uuid().map((id) => `${id.slice(0, 20)}ğ${id.slice(21)}`),
  )
  fc.assert(
    fc.property(others, (id) => {
      fc.pre(!/^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))
      expect(packId(id)).toBe(id)
      expect(unpackId(id)).toBe(id)
    }),
  )
})
