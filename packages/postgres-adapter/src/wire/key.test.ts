import { expect, it } from 'vitest'
import { isKey, keyOf } from './key.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-79a-f][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/
const known = '019ad2f0-5c3e-7abc-9def-0123456789ab'
const texts = ['', ...Array.from({ length: 300 }, (_, code) => String.fromCharCode(code)), '00', '\ud83d\ude00']

it('a UUID as core makes them is its own key, and nothing that is almost one', () => {
  expect(keyOf(known)).toBe(known)
  for (let at = 0; at < known.length; at++) {
    const ids = texts.map((text) => known.slice(0, at) + text + known.slice(at + 1))
    expect(ids.filter(isKey)).toEqual(ids.filter((id) => UUID.test(id)))
  }
})

it('any other id has a key of version 8, which no id is taken for', () => {
  const key = keyOf('order-17')
  expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  expect(keyOf(key)).not.toBe(key)
})
