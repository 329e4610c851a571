import { expect, it } from 'vitest'
import { contentDigest, messageId } from './message-id.ts'

const message = { topic: 'order.created', text: 'no. 7', attributes: { shop: 'north', day: '1' } }
const id = messageId('key-0001', 0, message)

it('is the same for the same key, place and content, whatever the order of attributes', () => {
  expect(messageId('key-0001', 0, { ...message, attributes: { day: '1', shop: 'north' } })).toBe(id)
  expect(id).toMatch(/^k-[\da-f]{32}$/)
})

it.each([
  ['key', messageId('key-0002', 0, message)],
  ['place', messageId('key-0001', 1, message)],
  ['topic', messageId('key-0001', 0, { ...message, topic: 'order.paid' })],
  ['text', messageId('key-0001', 0, { ...message, text: 'no. 8' })],
  ['attribute', messageId('key-0001', 0, { ...message, attributes: { shop: 'south', day: '1' } })],
])('is another for another %s', (_, other) => {
  expect(other).not.toBe(id)
})

it('tells contents apart also where their parts join to the same text', () => {
  const [a, b] = [
    { topic: 'a', text: 'bc' },
    { topic: 'ab', text: 'c' },
  ] as const
  expect(contentDigest([a])).not.toBe(contentDigest([b]))
  expect(contentDigest([a, b])).not.toBe(contentDigest([b, a]))
})
