import type { ChannelModel, ConsumeMessage } from 'amqplib'
import { deliveredAt } from '../wire/delivered.ts'

/**
 * The driver takes a delivery apart frame by frame, each with an object and an event of its own, and reads all that a message might tell. What has come whole goes past that, from
 * what was read straight to its consumer; parts, and all other frames, stay the driver's. So does what comes when a channel or the connection is about to end, for which the driver
 * puts a function of its own in the place of `accept`. Where it is built otherwise nothing changes.
 */
export function takeWhole({ connection }: ChannelModel): void {
  const inside = connection as unknown as Partial<Inside>
  if (!isKnown(inside)) return
  const { accept, recvFrame } = inside
  inside.recvFrame = function () {
    if (this.accept === accept) deliver(this)
    return recvFrame.call(this)
  }
}

function deliver(inside: Inside): void {
  const { rest } = inside
  let at = 0
  try {
    for (;;) {
      const delivered = deliveredAt(rest, at)
      if (delivered === undefined) return
      const consume = consumerOf(inside, delivered.channel, delivered.consumerTag)
      if (consume === undefined) return
      at = delivered.end
      consume(delivered.message as ConsumeMessage)
    }
  } finally {
    if (at > 0) inside.rest = rest.subarray(at)
  }
}

function consumerOf({ channels }: Inside, number: number, tag: string): Consume | undefined {
  const channel = channels[number]?.channel
  return channel === undefined || Object.hasOwn(channel, 'accept') ? undefined : channel.consumers?.get(tag)
}

function isKnown(inside: Partial<Inside>): inside is Inside {
  return (
    typeof inside.accept === 'function' &&
    typeof inside.recvFrame === 'function' &&
    Buffer.isBuffer(inside.rest) &&
    Array.isArray(inside.channels)
  )
}

type Consume = (message: ConsumeMessage) => void

/** What is used of the inside of the driver. */
interface Inside {
  /** What was read and not looked at yet. */
  rest: Buffer
  readonly accept: (frame: unknown) => void
  recvFrame: (this: Inside) => unknown
  readonly channels: readonly ({ readonly channel?: { readonly consumers?: Map<string, Consume> } } | null)[]
}
