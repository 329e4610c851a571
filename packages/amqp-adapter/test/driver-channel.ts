import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Duplex } from 'node:stream'
import type { ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib'
import type { Outgoing, Properties } from '../src/wire/outgoing.ts'

/** What the driver does not offer to its users. */
interface Inside {
  readonly ch: number
  /** As when the server has ended it. */
  toClosed(): void
  closeBecause(reason: string, code: number): void
  registerConsumer(tag: string, consume: (message: ConsumeMessage) => void): void
}

const require = createRequire(import.meta.url)
const library = join(dirname(require.resolve('amqplib')), 'lib')
const { Connection } = require(join(library, 'connection.js')) as { Connection: new (stream: Duplex) => any }
const { ChannelModel: Model, ConfirmChannel: Channel } = require(join(library, 'channel_model.js')) as {
  ChannelModel: new (connection: unknown) => ChannelModel
  ConfirmChannel: new (connection: unknown) => ConfirmChannel & Inside
}
const { parseFrame, decodeFrame, makeBodyFrame } = require(join(library, 'frame.js')) as {
  parseFrame(bytes: Buffer, max: number): { readonly rest: Buffer } | false
  decodeFrame(frame: unknown): unknown
  makeBodyFrame(channel: number, content: Buffer): Buffer
}
const { encodeMethod, encodeProperties, BasicDeliver, BasicProperties } = require(join(library, 'defs.js')) as {
  encodeMethod(method: number, channel: number, fields: object): Buffer
  encodeProperties(kind: number, channel: number, size: number, fields: object): Buffer
  readonly BasicDeliver: number
  readonly BasicProperties: number
}

/** The first one that the driver gives out. */
export const CHANNEL = 1
/** As RabbitMQ has it unless it was set up otherwise. */
const LARGEST_BODY = 128 * 1024 - 8

/** What the driver makes of frames that it receives. */
export function readFrames(bytes: Buffer): readonly unknown[] {
  const frame = parseFrame(bytes, 0)
  return frame === false ? [] : [decodeFrame(frame), ...readFrames(frame.rest)]
}

/** A message that the server delivers. */
export interface Sent {
  readonly consumerTag: string
  readonly tag: number
  readonly redelivered: boolean
  readonly size: number
  /** By the names of the driver. */
  readonly properties: object
}

export function delivery(sent: Sent): Buffer {
  return Buffer.concat(deliveryFrames(sent))
}

export function deliveryFrames({ consumerTag, tag, redelivered, size, properties }: Sent, number = CHANNEL): Buffer[] {
  const content = Buffer.alloc(size, 'content')
  const fields = { consumerTag, deliveryTag: tag, redelivered, exchange: 'exchange', routingKey: 'key' }
  const frames = [
    encodeMethod(BasicDeliver, number, fields),
    encodeProperties(BasicProperties, number, size, properties),
  ]
  for (let from = 0; from < size; from += LARGEST_BODY) {
    frames.push(makeBodyFrame(number, content.subarray(from, from + LARGEST_BODY)))
  }
  return frames
}

/** A connection of the driver without a server, with a channel, and what lets bytes arrive there. */
export function driverReceiver(): {
  model: ChannelModel
  channel: ConfirmChannel & Inside
  openAnother: () => ConfirmChannel & Inside
  arrive: (bytes: Buffer) => void
} {
  const { channel } = driverChannel(0)
  const { connection } = channel as unknown as { readonly connection: any }
  connection.accept = (frame: any) => connection.channels[frame.channel].channel.accept(frame)
  const arrive = (bytes: Buffer): void => {
    connection.stream.push(bytes)
    for (let frame = connection.recvFrame(); frame !== false; frame = connection.recvFrame()) connection.accept(frame)
  }
  return { model: new Model(connection), channel, openAnother: () => openOn(connection), arrive }
}

/** A channel of the driver without a server, and what was written on it. */
export function driverChannel(frameMax: number): { channel: ConfirmChannel & Inside; written: () => Buffer } {
  const chunks: Buffer[] = []
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      chunks.push(chunk)
      done()
    },
  })
  const connection = new Connection(stream)
  connection.frameMax = frameMax
  const channel = openOn(connection)
  // Otherwise it comes by a stream of the channel, in a later turn.
  connection.channels[channel.ch].buffer.write = stream.write.bind(stream)
  return { channel, written: () => Buffer.concat(chunks.splice(0)) }
}

function openOn(connection: any): ConfirmChannel & Inside {
  const channel = new Channel(connection)
  return Object.assign(channel, { ch: connection.freshChannel(channel) })
}

export function outgoing(overrides: Partial<Outgoing> = {}, properties: Partial<Properties> = {}): Outgoing {
  return {
    exchange: '',
    key: 'jobport:v1:work:default',
    content: Buffer.from('{"a":1}'),
    properties: {
      messageId: 'job-1',
      type: 'test',
      appId: 'jp1',
      headers: {},
      priority: undefined,
      expiration: undefined,
      ...properties,
    },
    ...overrides,
  }
}
