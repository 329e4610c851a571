import type { ClaimedJob, Ms } from '@jobport/core/adapter'
import type { Channel } from 'amqplib'
import { within } from '../connection/within.ts'
import { consumerTag } from '../receive/consumer-tag.ts'
import { claimed, lookAgain, returnsOf, tagged, Tokens, type Delivery, type Held } from '../receive/delivery.ts'
import { Watch } from '../watch.ts'
import { readEnvelope } from '../wire/envelope.ts'
import type { Incoming } from '../wire/incoming.ts'
import { Lines } from './lines.ts'

export interface PartitionOptions {
  /** Its queue to users, and on the server. */
  readonly queue: string
  readonly serverQueue: string
  /** No channel is used for longer. */
  readonly holdFor: Ms
  readonly patience: Ms
  readonly newChannel: () => Promise<Channel>
  /** Perhaps something can be claimed, or the partition can be opened again. */
  readonly onChange: () => void
  /** All that was held is given out anew. */
  readonly onLost: (reason: Error) => void
  readonly onForeign: () => void
}

/** What is there while this process consumes. */
interface Session {
  /** Those that began before have smaller ones. */
  readonly serial: number
  readonly channel: Channel
  readonly tokens: Tokens
  readonly lines: Lines
  readonly held: Map<string, Held>
  /** No lease lasts until then. */
  readonly until: Ms
  /** Too much of the time is over to begin anything. */
  isTired: boolean
}

/** Of a job that came to rest here and is not done. */
interface Due {
  readonly at: Ms
  /** The newest session in which it came. */
  readonly serial: number
}

/**
 * A share of the groups of one queue: a queue on the server with a single active consumer, which has all that is under way in its groups. It is left by closing its
 * channel, since RabbitMQ then puts back what was not acknowledged before the next consumer gets anything. With `basic.cancel` that one would first get what comes after.
 */
export class Partition {
  readonly #options: PartitionOptions
  #session: Session | undefined
  #opening: Promise<void> | undefined
  readonly #leases = new Watch((now) => this.#giveBack(now))
  #dueTimer: NodeJS.Timeout | undefined
  #tireTimer: NodeJS.Timeout | undefined
  /** Of the newest session that began well. */
  #serial = 0
  /** So that a job rests once only, however often it comes again. */
  readonly #dues = new Map<string, Due>()

  constructor(options: PartitionOptions) {
    this.#options = options
  }

  get isOpen(): boolean {
    return this.#session !== undefined
  }

  get isBusy(): boolean {
    return (this.#session?.held.size ?? 0) > 0
  }

  /** For how long groups still wait for the retry of their first job while others wait behind it. */
  get rests(): readonly Ms[] {
    return this.#session?.lines.rests(performance.now()) ?? []
  }

  /** Consumes from now on, as soon as nobody else does. @throws what the server says. */
  open(): Promise<void> {
    if (this.#session !== undefined) return Promise.resolve()
    this.#opening ??= this.#consume().finally(() => (this.#opening = undefined))
    return this.#opening
  }

  take(limit: number, lease: Ms): ClaimedJob[] {
    const session = this.#session
    const jobs: ClaimedJob[] = []
    if (session === undefined || session.isTired) return jobs
    const now = performance.now()
    const deadline = Math.min(now + lease, session.until)
    while (jobs.length < limit) {
      const delivery = session.lines.take(now)
      if (delivery === undefined) break
      const attempt = delivery.envelope.attempt + delivery.returns + 1
      const held: Held = {
        delivery,
        attempt,
        token: session.tokens.of(attempt, delivery.tag),
        deadline,
        isSettling: false,
      }
      session.held.set(held.token, held)
      jobs.push(claimed(this.#options.queue, held))
    }
    if (jobs.length > 0) this.#leases.at(deadline)
    return jobs
  }

  find(id: string, token: string): Held | undefined {
    const held = this.#session?.held.get(token)
    return held?.delivery.envelope.id === id ? held : undefined
  }

  /** `false`: it is not held any more. `returns`: a copy of it was sent, which is the next of its group. */
  done(held: Held, returns: boolean): boolean {
    const session = this.#session
    if (session?.held.delete(held.token) !== true) return false
    session.channel.ack(tagged(held.delivery.tag))
    this.#dues.delete(keyOf(held.delivery))
    if (returns) session.lines.return(held.delivery)
    else session.lines.end(held.delivery)
    this.#changed(session)
    return true
  }

  /** `false`: its lease is over. */
  extend(held: Held, lease: Ms): boolean {
    const now = performance.now()
    if (this.#session === undefined || this.#session.until <= now) return false
    held.deadline = Math.min(now + lease, this.#session.until)
    this.#leases.at(held.deadline)
    return true
  }

  /** When it resolves, all that the server had for this consumer has come. */
  async settled(): Promise<void> {
    const { patience, serverQueue } = this.#options
    const channel = this.#session?.channel
    if (channel === undefined) return
    // Deliveries wait in the server's channel while that asks the queue. They leave before it takes up the second question, which was not there before the first answer.
    for (let asked = 0; asked < 2; asked++) await within(patience, channel.checkQueue(serverQueue))
  }

  /** What is not acknowledged is given out anew, here or elsewhere. */
  async close(): Promise<void> {
    const channel = this.#forget()?.channel
    if (channel === undefined) return
    const { patience, serverQueue } = this.#options
    try {
      // A channel that ends loses acknowledgements that it has not passed on yet; the queue's answer comes after them.
      await within(patience, channel.checkQueue(serverQueue))
      await channel.close()
    } catch {
      // It has ended in another way.
    }
  }

  /** The connection is gone. */
  disconnected(reason: Error): void {
    if (this.#forget() !== undefined) this.#options.onLost(reason)
  }

  async #consume(): Promise<void> {
    const { newChannel, patience, serverQueue, holdFor, onLost } = this.#options
    const channel = await newChannel()
    const session: Session = {
      serial: this.#serial + 1,
      channel,
      tokens: new Tokens(),
      lines: new Lines(),
      held: new Map(),
      until: performance.now() + holdFor,
      isTired: false,
    }
    let reason = new Error('the channel was closed')
    channel.on('error', (error: Error) => (reason = error))
    channel.on('close', () => {
      if (this.#session !== session) return
      this.#forget()
      onLost(reason)
    })
    this.#session = session
    if (holdFor < Infinity)
      this.#tireTimer = setTimeout(() => this.#tire(session), Math.min(holdFor / 2, LONGEST_TIMER))
    try {
      const limited = channel.prefetch(PREFETCH)
      const consuming = channel.consume(serverQueue, (message) => this.#received(session, message), {
        consumerTag: consumerTag('groups'),
      })
      await within(patience, Promise.all([limited, consuming]))
      this.#began(session)
    } catch (error) {
      if (this.#session === session) await this.close()
      throw error
    }
  }

  /** What is due and came neither in this session nor in the last one has been done elsewhere. */
  #began({ serial }: Session): void {
    this.#serial = serial
    const now = performance.now()
    for (const [key, due] of this.#dues) if (due.at <= now && due.serial < serial - 1) this.#dues.delete(key)
  }

  #received(session: Session, message: Incoming | null): void {
    if (this.#session !== session) return
    if (message === null) {
      void this.close()
      this.#options.onLost(new Error('the server has ended the consumer: the queue was deleted, or moved'))
      return
    }
    const envelope = readEnvelope(message)
    if (envelope?.group === undefined) {
      session.channel.reject(tagged(message.fields.deliveryTag), false)
      this.#options.onForeign()
      return
    }
    const arrivedAt = performance.now()
    const delivery = {
      tag: message.fields.deliveryTag,
      envelope,
      returns: returnsOf(message),
      consumer: undefined,
      arrivedAt,
    }
    session.lines.add({
      delivery,
      due: envelope.rest === undefined ? 0 : this.#dueOf(session, delivery, envelope.rest),
    })
    this.#changed(session)
  }

  /** A job that came before rests for what is left. Where it has rested is another process, it rests again: there is no clock that both go by. */
  #dueOf({ serial }: Session, delivery: Delivery, rest: Ms): Ms {
    const key = keyOf(delivery)
    const at = this.#dues.get(key)?.at ?? delivery.arrivedAt + rest
    this.#dues.set(key, { at, serial })
    return at
  }

  #changed(session: Session): void {
    if (session.isTired && session.held.size === 0) {
      void this.close().then(this.#options.onChange)
      return
    }
    this.#watchDue(session)
    if (session.lines.hasReady) this.#options.onChange()
  }

  #watchDue({ lines }: Session): void {
    clearTimeout(this.#dueTimer)
    const due = lines.nextDue()
    if (due === Infinity) return
    const look = (): void => {
      const left = due - performance.now()
      // A timer may be early by a part of a millisecond.
      if (left > 0) this.#dueTimer = setTimeout(look, Math.min(Math.ceil(left), LONGEST_TIMER))
      else this.#options.onChange()
    }
    look()
  }

  #giveBack(now: Ms): Ms {
    const session = this.#session
    let next = Infinity
    if (session === undefined) return next
    const over: Delivery[] = []
    for (const held of session.held.values()) {
      if (held.deadline <= now && !held.isSettling) {
        session.held.delete(held.token)
        over.push(held.delivery)
      } else next = Math.min(next, lookAgain(held, now))
    }
    if (over.length > 0) void this.#giveOutAgain(session, over)
    return next
  }

  /** A lease may be over because the process stood still, and the connection be lost without its knowledge: then others have the groups by now. */
  async #giveOutAgain(session: Session, deliveries: readonly Delivery[]): Promise<void> {
    const { patience, serverQueue, onLost } = this.#options
    try {
      await within(patience, session.channel.checkQueue(serverQueue))
    } catch (error) {
      if (this.#session !== session) return
      void this.close()
      onLost(error as Error)
      return
    }
    if (this.#session !== session) return
    for (const delivery of deliveries) session.lines.giveBack(delivery)
    this.#changed(session)
  }

  #tire(session: Session): void {
    session.isTired = true
    this.#changed(session)
  }

  #forget(): Session | undefined {
    const session = this.#session
    this.#session = undefined
    this.#leases.stop()
    clearTimeout(this.#dueTimer)
    clearTimeout(this.#tireTimer)
    return session
  }
}

/** How many jobs of a partition come ahead. Those of groups that are busy are among them; when all are, other groups wait. */
const PREFETCH = 32

const LONGEST_TIMER: Ms = 2 ** 31 - 1

function keyOf({ envelope }: Delivery): string {
  return `${envelope.attempt} ${envelope.id}`
}
