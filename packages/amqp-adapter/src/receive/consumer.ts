import type { Channel } from 'amqplib'
import type { Incoming } from '../wire/incoming.ts'
import { consumerTag } from './consumer-tag.ts'

/** A standing order for deliveries. The server sends until `prefetch` of them are unsettled. */
export interface Consumer {
  readonly tag: string
  readonly prefetch: number
  unsettled: number
}

/** Those of one queue. More can be ordered at any time; less only by ending an order, since the size of one cannot be changed. */
export class Consumers {
  readonly #channel: Channel
  readonly #queue: string
  #active: Consumer[] = []
  #ordered = 0

  constructor(channel: Channel, queue: string) {
    this.#channel = channel
    this.#queue = queue
  }

  /** How many orders there are. */
  get count(): number {
    return this.#active.length
  }

  /** How many deliveries may come before anything is settled. */
  get free(): number {
    let free = 0
    for (const { prefetch, unsettled } of this.#active) free += prefetch - unsettled
    return free
  }

  /** `onMessage` gets `null` when the server has ended the order: the queue is gone. */
  async order(prefetch: number, onMessage: (message: Incoming | null, consumer: Consumer) => void): Promise<void> {
    const consumer: Consumer = { tag: consumerTag(`order-${++this.#ordered}`), prefetch, unsettled: 0 }
    this.#active.push(consumer)
    try {
      // Both are sent in order, so the first speaks of the second.
      const limited = this.#channel.prefetch(prefetch)
      const deliver = (message: Incoming | null): void => {
        if (message === null) this.#drop(consumer)
        onMessage(message, consumer)
      }
      await Promise.all([limited, this.#channel.consume(this.#queue, deliver, { consumerTag: consumer.tag })])
    } catch (error) {
      this.#drop(consumer)
      throw error
    }
  }

  /** Ends all orders. When it resolves nothing more comes of them. */
  async end(): Promise<void> {
    const ended = this.#active
    this.#active = []
    await Promise.all(ended.map(({ tag }) => this.#channel.cancel(tag)))
  }

  #drop(consumer: Consumer): void {
    this.#active = this.#active.filter((each) => each !== consumer)
  }
}
