import type { Ms } from '@jobport/core/adapter'
import type { Channel } from 'amqplib'
import { readEnvelope } from '../wire/envelope.ts'
import type { Incoming } from '../wire/incoming.ts'
import { AckWindow } from './ack-window.ts'
import { Consumers, type Consumer } from './consumer.ts'
import { returnsOf, tagged, Tokens, type Delivery, type Held } from './delivery.ts'

export interface ReceivingEvents {
  readonly onDelivery: () => void
  /** The queue was deleted, or its server is gone. */
  readonly onQueueGone: () => void
  /** A message that is no job. */
  readonly onForeign: () => void
}

/** What one channel has delivered: claimed by someone, or waiting to be. With the channel it is all over; the server gives it to others then. */
export class Receiving {
  readonly #channel: Channel
  readonly #queue: string
  readonly #byPriority: boolean
  readonly #events: ReceivingEvents
  readonly #consumers: Consumers
  readonly #window = new AckWindow()
  readonly #tokens = new Tokens()
  /** In the order in which they will be claimed. */
  #waiting: Delivery[] = []
  readonly #held = new Map<string, Held>()

  constructor(channel: Channel, queue: string, byPriority: boolean, events: ReceivingEvents) {
    this.#channel = channel
    this.#queue = queue
    this.#byPriority = byPriority
    this.#events = events
    this.#consumers = new Consumers(channel, queue)
  }

  /** Delivered, and claimed by nobody. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** When the next of these came. */
  get waitingSince(): Ms {
    return this.#waiting[0]?.arrivedAt ?? Infinity
  }

  /** How many more the server may send. */
  get free(): number {
    return this.#consumers.free
  }

  /** Something that it has delivered is not settled. */
  get hasDelivered(): boolean {
    return this.#held.size > 0 || this.#waiting.length > 0
  }

  get held(): Iterable<Held> {
    return this.#held.values()
  }

  find(id: string, token: string): Held | undefined {
    const held = this.#held.get(token)
    return held?.delivery.envelope.id === id ? held : undefined
  }

  /** Orders so many more, or as many as can be ordered at once. Where there are many orders already, one takes the place of all: it is for what they still had to bring as well. */
  async order(count: number): Promise<void> {
    if (this.#consumers.count >= MOST_ORDERS) {
      const free = this.#consumers.free
      await this.#consumers.end()
      count += free
    }
    return this.#consumers.order(Math.min(count, LARGEST_ORDER), (message, consumer) => {
      if (message === null) this.#events.onQueueGone()
      else this.#received(message, consumer)
    })
  }

  /** Asks for one message. The answer comes after all that the server has sent before. */
  async fetch(): Promise<void> {
    const message = await this.#channel.get(this.#queue)
    if (message !== false) this.#received(message, undefined)
  }

  /** Leases up to so many of those that wait. */
  take(limit: number, deadline: Ms): readonly Held[] {
    const taken = this.#waiting.length <= limit ? this.#waiting : this.#waiting.splice(0, limit)
    if (taken === this.#waiting) this.#waiting = []
    return taken.map((delivery) => {
      const attempt = delivery.envelope.attempt + delivery.returns + 1
      const held: Held = {
        delivery,
        attempt,
        token: this.#tokens.of(attempt, delivery.tag),
        deadline,
        isSettling: false,
      }
      this.#held.set(held.token, held)
      return held
    })
  }

  /** It is settled; the server hears of it with the next `flush`. `false`: it is not held any more. */
  done(held: Held): boolean {
    if (!this.#held.delete(held.token)) return false
    this.#release(held.delivery)
    this.#window.done(held.delivery.tag)
    return true
  }

  flush(): void {
    this.#window.flush((tag, upTo) => this.#channel.ack(tagged(tag), upTo))
  }

  /** Its lease is over. */
  giveBack(held: Held): void {
    this.#held.delete(held.token)
    this.#return(held.delivery)
  }

  /** Ends all orders, and gives back what nobody has claimed. */
  async withdraw(): Promise<void> {
    await this.#consumers.end()
    for (const delivery of this.#waiting.splice(0)) this.#return(delivery)
  }

  async close(): Promise<void> {
    // A channel that ends loses what it has not passed on to the queue yet; the queue's own answer comes after that.
    await this.#consumers.end()
    await this.#channel.close()
  }

  #return(delivery: Delivery): void {
    this.#release(delivery)
    this.#window.gone(delivery.tag)
    this.#channel.nack(tagged(delivery.tag), false, true)
  }

  #release({ consumer }: Delivery): void {
    if (consumer !== undefined) consumer.unsettled--
  }

  #received(message: Incoming, consumer: Consumer | undefined): void {
    const tag = message.fields.deliveryTag
    this.#window.open()
    const envelope = readEnvelope(message)
    if (envelope === undefined) {
      this.#window.gone(tag)
      this.#channel.reject(tagged(tag), false)
      this.#events.onForeign()
      return
    }
    if (consumer !== undefined) consumer.unsettled++
    this.#add({ tag, envelope, returns: returnsOf(message), consumer, arrivedAt: performance.now() })
    this.#events.onDelivery()
  }

  #add(delivery: Delivery): void {
    const waiting = this.#waiting
    let at = waiting.length
    if (this.#byPriority) {
      while (at > 0 && waiting[at - 1]!.envelope.priority < delivery.envelope.priority) at--
    }
    if (at === waiting.length) waiting.push(delivery)
    else waiting.splice(at, 0, delivery)
  }
}

/** The protocol has 16 bits for it. */
const LARGEST_ORDER = 65_535

/** Each is a consumer of its own to the server, which has more work with many: nine drained a classic queue at 0.7 of the rate of one. */
const MOST_ORDERS = 3
