import type { Options } from 'amqplib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Frames } from '../src/wire/frames.ts'
import type { Outgoing } from '../src/wire/outgoing.ts'
import { CHANNEL, driverChannel, outgoing, readFrames } from './driver-channel.ts'

/** The smallest that the protocol allows. */
const FRAME_MAX = 4096

/** What the driver itself puts on the wire. */
function asDriver(messages: readonly Outgoing[]): Buffer {
  const { channel, written } = driverChannel(FRAME_MAX)
  for (const { exchange, key, content, properties } of messages) {
    const options = { ...properties, persistent: true, mandatory: true } as Options.Publish
    channel.publish(exchange, key, content, options)
  }
  return written()
}

function asOurs(messages: readonly Outgoing[]): Buffer {
  const frames = new Frames(CHANNEL, FRAME_MAX)
  for (const message of messages) frames.add(message)
  return Buffer.concat(frames.take())
}

/** Any code units, halves of pairs among them. */
const text = (maxLength: number) =>
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength })
/** Three bytes each at most. */
const shortText = text(85)

const messages = fc.array(
  fc
    .record({
      exchange: shortText,
      key: shortText,
      size: fc.oneof(fc.nat(300), fc.integer({ min: 4070, max: 4110 }), fc.nat(70_000)),
      properties: fc.record({
        messageId: shortText,
        type: shortText,
        appId: shortText,
        headers: fc.dictionary(
          fc.string({ maxLength: 40 }).filter((name) => name !== '__proto__'),
          text(2_000),
          { maxKeys: 5, noNullPrototype: true },
        ),
        priority: fc.option(fc.nat(255), { nil: undefined }),
        expiration: fc.option(fc.nat(315_360_000_000), { nil: undefined }),
      }),
    })
    .map(({ size, ...rest }): Outgoing => ({ ...rest, content: Buffer.alloc(size, 'content') })),
  { maxLength: 6 },
)

it('any messages are on the wire as the driver would write them', () => {
  const property = fc.property(messages, (some) => {
    expect(asOurs(some).equals(asDriver(some))).toBe(true)
  })
  fc.assert(property, { numRuns: 300 })
})

it('what fills a frame exactly, or not quite, or is a little more, is shared out as the driver does it', () => {
  for (const size of [0, 1, 4087, 4088, 4089, 8175, 8176, 8177, 200_000]) {
    const one = outgoing({ content: Buffer.alloc(size, 'x') })
    expect(asOurs([one, one]).equals(asDriver([one, one]))).toBe(true)
  }
})

it.each([0, 1, 1_500.25, 86_400_000, 2 ** 40])('a number among the headers is read as it was written: %d', (rest) => {
  const headers = { rest, text: 'Ω' }
  const [, header] = readFrames(asOurs([outgoing({}, { headers })]))
  expect(header).toMatchObject({ fields: { headers } })
})

it('messages that leave together do so in few pieces, and what has left is not touched again', () => {
  const frames = new Frames(CHANNEL, FRAME_MAX)
  let serial = 0
  const send = (count: number): readonly Buffer[] => {
    for (let index = 0; index < count; index++) frames.add(outgoing({}, { messageId: `job-${serial++}` }))
    return frames.take()
  }
  const first = send(100)
  const before = Buffer.concat(first)
  expect(first).toHaveLength(1)
  expect(send(2_000).length).toBeLessThan(20)
  expect(Buffer.concat(first).equals(before)).toBe(true)
  expect(frames.take()).toEqual([])
})

it('a message with too long a text is refused, and leaves nothing behind', () => {
  const frames = new Frames(CHANNEL, FRAME_MAX)
  frames.add(outgoing())
  expect(() => frames.add(outgoing({}, { messageId: 'é'.repeat(128) }))).toThrow(RangeError)
  frames.add(outgoing({}, { messageId: 'é'.repeat(127) }))
  const sent = Buffer.concat(frames.take())
  expect(sent.equals(asDriver([outgoing(), outgoing({}, { messageId: 'é'.repeat(127) })]))).toBe(true)
})
