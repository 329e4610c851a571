import type { Duplex } from 'node:stream'
import type { ConfirmChannel, Options } from 'amqplib'
import { Frames } from '../wire/frames.ts'
import type { Outgoing } from '../wire/outgoing.ts'
import { writeNow } from './gather-writes.ts'

/** Hears from the server that it has the message, or why that is not so. */
export type OnConfirm = (error: Error | null) => void

/** Puts messages on a channel. */
export interface Sender {
  /** @throws when the message cannot be sent, or the channel is closed; then nothing is. */
  add(message: Outgoing, onConfirm: OnConfirm): void
  /** All that was added leaves. */
  flush(): void
}

/**
 * The driver makes a message ready step by step for everything that a message might be. Ours go past that, in one piece for all that leave together; confirms
 * and the end of a channel stay the driver's. Where it is built otherwise it does the rest as well.
 */
export function senderOn(channel: ConfirmChannel): Sender {
  const inside = channel as unknown as Partial<Inside>
  const socket = inside.connection?.stream
  if (!isKnown(inside) || socket === undefined) return throughDriver(channel)
  const frames = new Frames(inside.ch, inside.connection.frameMax)
  // Replaced, not passed by: when a channel ends the driver puts a function here that throws.
  inside.sendMessage = (message) => frames.add(message)
  return {
    add(message, onConfirm) {
      inside.sendMessage(message)
      inside.pushConfirmCallback(onConfirm)
    },
    flush() {
      for (const piece of frames.take()) writeNow(socket, piece)
    },
  }
}

function throughDriver(channel: ConfirmChannel): Sender {
  return {
    add({ exchange, key, content, properties }, onConfirm) {
      const options = { ...properties, persistent: true, mandatory: true } as Options.Publish
      channel.publish(exchange, key, content, options, onConfirm)
    },
    flush() {},
  }
}

function isKnown(inside: Partial<Inside>): inside is Inside {
  return (
    typeof inside.ch === 'number' &&
    typeof inside.connection?.frameMax === 'number' &&
    typeof inside.sendMessage === 'function' &&
    typeof inside.pushConfirmCallback === 'function'
  )
}

/** What is used of the inside of the driver. */
interface Inside {
  readonly ch: number
  readonly connection: { readonly stream?: Duplex; readonly frameMax: number }
  sendMessage: (message: Outgoing) => void
  readonly pushConfirmCallback: (onConfirm: OnConfirm) => void
}
