import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Duplex } from 'node:stream'
import type { ConfirmChannel } from 'amqplib'
import type { Outgoing, Properties } from '../src/wire/outgoing.ts'

/** What the driver does not offer to its users. */
interface Inside {
  readonly ch: number
  /** As when the server has ended it. */
  toClosed(): void
}

const require = createRequire(import.meta.url)
const library = join(dirname(require.resolve('amqplib')), 'lib')
const { Connection } = require(join(library, 'connection.js')) as { Connection: new (stream: Duplex) => any }
const { ConfirmChannel: Channel } = require(join(library, 'channel_model.js')) as {
  ConfirmChannel: new (connection: unknown) => ConfirmChannel & Inside
}
const { parseFrame, decodeFrame } = require(join(library, 'frame.js')) as {
  parseFrame(bytes: Buffer, max: number): { readonly rest: Buffer } | false
  decodeFrame(frame: unknown): unknown
}

/** What the driver makes of frames that it receives. */
export function readFrames(bytes: Buffer): readonly unknown[] {
  const frame = parseFrame(bytes, 0)
  return frame === false ? [] : [decodeFrame(frame), ...readFrames(frame.rest)]
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
  const channel = new Channel(connection)
  Object.assign(channel, { ch: connection.freshChannel(channel) })
  // Otherwise it comes by a stream of the channel, in a later turn.
  connection.channels[channel.ch].buffer.write = stream.write.bind(stream)
  return { channel, written: () => Buffer.concat(chunks.splice(0)) }
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
