import type { ChannelModel, ConsumeMessage } from 'amqplib'
import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { takeWhole } from '../src/connection/take-whole.ts'
import { CHANNEL, delivery, deliveryFrames, driverReceiver, type Sent } from './driver-channel.ts'

const TAG = 'host:1:order-1'

/** What is looked at of a message. */
function lookedAt({ fields, properties, content }: ConsumeMessage) {
  const { headers, priority, messageId, type, appId } = properties
  return {
    tag: fields.deliveryTag,
    redelivered: fields.redelivered,
    properties: { headers, priority, messageId, type, appId },
    content: content.toString('hex'),
  }
}

/** What comes to a consumer, and how many messages the driver has put together itself. */
function receive(chunks: readonly Buffer[], withUs: boolean) {
  const { model, channel, arrive } = driverReceiver()
  if (withUs) takeWhole(model)
  const received: ReturnType<typeof lookedAt>[] = []
  channel.registerConsumer(TAG, (message) => received.push(lookedAt(message)))
  let byDriver = 0
  channel.on('delivery', () => byDriver++)
  for (const chunk of chunks) arrive(chunk)
  return { received, byDriver }
}

const shortText = fc.string({ unit: 'grapheme', maxLength: 20 })
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

const sent = fc.record({
  redelivered: fc.boolean(),
  size: fc.oneof(fc.nat(300), fc.nat(20_000)),
  properties: fc.record({
    headers: maybe(
      fc.dictionary(
        fc.string({ maxLength: 20 }).filter((name) => name !== '__proto__'),
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.double({ noNaN: true }).map((value) => ({ '!': 'double', value })),
          fc.maxSafeInteger().map((value) => ({ '!': 'long', value })),
          fc.boolean(),
          fc.array(fc.constant({ count: 1 }), { maxLength: 2 }),
        ),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
    deliveryMode: maybe(fc.constantFrom(1, 2)),
    priority: maybe(fc.nat(255)),
    expiration: maybe(shortText),
    messageId: maybe(shortText),
    type: maybe(shortText),
    appId: maybe(shortText),
    // Ours have none of these.
    contentType: fc.option(shortText, { nil: undefined, freq: 2 }),
    timestamp: fc.option(fc.nat(), { nil: undefined, freq: 2 }),
  }),
})

it('any deliveries, in whatever pieces they come, are read as the driver would read them', () => {
  const property = fc.property(
    fc.array(sent, { maxLength: 8 }),
    fc.array(fc.nat(30_000), { maxLength: 8 }),
    (all, cuts) => {
      const bytes = Buffer.concat(
        all.map((each, index) => delivery({ ...each, consumerTag: TAG, tag: 2 ** 40 + index })),
      )
      const places = [
        0,
        ...cuts.filter((cut) => cut < bytes.length).toSorted((one, other) => one - other),
        bytes.length,
      ]
      const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place))
      expect(receive(chunks, true).received).toEqual(receive(chunks, false).received)
    },
  )
  fc.assert(property, { numRuns: 300 })
})

const whole: Sent = {
  consumerTag: TAG,
  tag: 1,
  redelivered: false,
  size: 5,
  properties: { messageId: 'a', headers: {} },
}

it('what has come whole goes past the driver, and nothing else does', () => {
  const [one, two, three] = [1, 2, 3].map((tag) => delivery({ ...whole, tag })) as [Buffer, Buffer, Buffer]
  const bytes = Buffer.concat([one, two, three])
  const middle = one.length + two.length / 2
  const { received, byDriver } = receive([bytes.subarray(0, middle), bytes.subarray(middle)], true)
  expect(received.map(({ tag }) => tag)).toEqual([1, 2, 3])
  expect(byDriver).toBeLessThan(2)
  expect(receive([delivery({ ...whole, size: 200_000 })], true)).toMatchObject({ received: [{ tag: 1 }], byDriver: 1 })
})

it('what comes on two channels in turns, frame by frame, reaches each', () => {
  const { model, channel, openAnother, arrive } = driverReceiver()
  const other = openAnother()
  takeWhole(model)
  const received: string[] = []
  channel.registerConsumer(TAG, ({ properties }) => received.push(`1: ${String(properties.messageId)}`))
  other.registerConsumer(TAG, ({ properties }) => received.push(`2: ${String(properties.messageId)}`))
  const [method, header, body] = deliveryFrames({ ...whole, properties: { messageId: 'a' } }, CHANNEL)
  const [otherMethod, otherHeader, otherBody] = deliveryFrames({ ...whole, properties: { messageId: 'b' } }, other.ch)
  // The driver waits for the rest of the first when the second begins.
  for (const frames of [[method], [otherMethod, header, body, otherHeader, otherBody]])
    arrive(Buffer.concat(frames as Buffer[]))
  expect(received.toSorted()).toEqual(['1: a', '2: b'])
})

it.each(['channel', 'connection'] as const)('a %s that is closing takes nothing any more', (closing) => {
  const { model, channel, arrive } = driverReceiver()
  takeWhole(model)
  const consume = vi.fn<(message: ConsumeMessage) => void>()
  channel.registerConsumer(TAG, consume)
  arrive(delivery(whole))
  if (closing === 'channel') channel.closeBecause('Goodbye', 200)
  else void model.close()
  arrive(delivery({ ...whole, tag: 2 }))
  expect(consume).toHaveBeenCalledOnce()
})

it('what comes for nobody is the trouble of the driver', () => {
  const { model, channel, arrive } = driverReceiver()
  takeWhole(model)
  const onClosing = vi.spyOn(channel, 'closeBecause')
  arrive(delivery(whole))
  expect(onClosing).toHaveBeenCalledOnce()
})

it('where the driver is built otherwise it reads by itself', () => {
  const connection = { recvFrame: () => false }
  const { recvFrame } = connection
  takeWhole({ connection } as unknown as ChannelModel)
  expect(connection.recvFrame).toBe(recvFrame)
})
