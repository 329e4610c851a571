import { BackendError, sleep, systemClock, type Ms } from '@jobport/core/adapter'
import type { Channel, ChannelModel, Options } from 'amqplib'
import { within } from '../connection/within.ts'
import { failure, replyOf } from '../failure.ts'
import { NAME } from '../limits.ts'
import type { Names } from '../names.ts'
import type { Settings } from '../options.ts'
import { duePattern, LEVELS, levelPattern, TICK } from './delay.ts'

/** Stands for the queues and exchanges of delays among the names of queues; no queue is called so. */
const DELAYS = '*delays'

/** An election is over long before. */
const STARTING_FOR: Ms = 5_000

/** Between two attempts to declare what is going. All of them take half a second. */
const SHORTEST_PAUSE: Ms = 20
const LONGEST_PAUSE: Ms = 320

/** Declares what is needed when it is needed first, or only looks whether it is there. */
export class Topology {
  readonly #settings: Settings
  readonly #names: Names
  readonly #connection: () => ChannelModel | undefined
  /** What is there, and since when we know it. */
  readonly #known = new Map<string, Ms>()
  readonly #pending = new Map<string, Promise<void>>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(settings: Settings, names: Names, connection: () => ChannelModel | undefined) {
    this.#settings = settings
    this.#names = names
    this.#connection = connection
  }

  /** Queues may be without one. */
  get haveLeaders(): boolean {
    return this.#settings.queueType === 'quorum'
  }

  knows(queue: string): boolean {
    return this.#known.has(queue)
  }

  /**
   * Where the message goes there may be no leader yet: another process is just declaring the queue, or the server has just come back. Until it has one a quorum queue refuses messages,
   * and what it refuses it has not taken.
   */
  mayBeStarting({ queue, isDelayed }: { readonly queue: string; readonly isDelayed: boolean }): boolean {
    if (!this.haveLeaders && !isDelayed) return false
    return performance.now() - (this.#known.get(isDelayed ? DELAYS : queue) ?? -Infinity) < STARTING_FOR
  }

  /** The queue of this name, and its dead-letter queue, are there. */
  queue(queue: string): Promise<void> {
    return this.#once(queue, async () => {
      await this.#insist((channel) => this.#queue(channel, queue))
      if (this.#settings.groups > 0) await this.#checkGroups(queue)
    })
  }

  get knowsDelays(): boolean {
    return this.#known.has(DELAYS)
  }

  delays(): Promise<void> {
    return this.#once(DELAYS, () => this.#insist((channel) => this.#delays(channel)))
  }

  /** It may be gone, so the next one who needs it looks again. */
  forget(queue: string): void {
    this.#known.delete(queue)
  }

  /** How many jobs the queue says that it holds. Without a leader it says none. */
  async waiting(queue: string): Promise<number> {
    let count = 0
    await this.#make(() =>
      this.#withChannel(async (channel) => {
        count = (await channel.checkQueue(this.#names.work(queue))).messageCount
      }),
    )
    return count
  }

  forgetDelays(): void {
    this.#known.delete(DELAYS)
  }

  forgetAll(): void {
    this.#known.clear()
  }

  async #once(what: string, make: () => Promise<void>): Promise<void> {
    if (this.#known.has(what)) return
    let pending = this.#pending.get(what)
    if (pending === undefined) {
      pending = this.#make(make).then(() => void this.#known.set(what, performance.now()))
      this.#pending.set(what, pending)
      const ended = (): void => void this.#pending.delete(what)
      pending.then(ended, ended)
    }
    return pending
  }

  /** Where others share the groups out over more queues, two jobs of one group could run at once. */
  async #checkGroups(queue: string): Promise<void> {
    const { groups } = this.#settings
    const more = this.#names.groups(queue, groups)
    try {
      await this.#withChannel(async (channel) => void (await channel.checkQueue(more)))
    } catch (error) {
      if (error instanceof BackendError && error.code === 'not-found') return
      throw error
    }
    const problem = `the groups of queue ${queue} are shared out over more than ${groups} queues; give the same number as everywhere (${more} exists)`
    throw new BackendError('unsupported', NAME, problem)
  }

  /** One after the other: a refusal ends the channel, and would take the others with it. */
  #make(make: () => Promise<void>): Promise<void> {
    const made = this.#last.then(make)
    this.#last = made.catch(() => {})
    return made
  }

  /** A queue that is just being deleted can be declared, as if it were there, and then not be bound (seen on RabbitMQ 4.3). It is gone a moment later. */
  async #insist(make: (channel: Channel) => Promise<void>): Promise<void> {
    for (let pause = SHORTEST_PAUSE; ; pause *= 2) {
      try {
        return await this.#withChannel(make)
      } catch (error) {
        const isGoing = error instanceof BackendError && error.code === 'not-found'
        if (!isGoing || this.#settings.topology === 'verify' || pause > LONGEST_PAUSE) throw error
        await sleep(systemClock, pause)
      }
    }
  }

  async #withChannel(make: (channel: Channel) => Promise<void>): Promise<void> {
    const { connectTimeout } = this.#settings
    const connection = this.#connection()
    if (connection === undefined) {
      throw new BackendError('unavailable', NAME, 'there is no connection to the server', { outcome: 'none' })
    }
    let channel: Channel | undefined
    // What the server says when it ends the channel; those who wait for answers are only told that none will come.
    let reason: Error | undefined
    try {
      channel = await within(connectTimeout, connection.createChannel())
      channel.on('error', (error) => void (reason = error))
      await within(connectTimeout, make(channel))
      await within(connectTimeout, closed(channel))
    } catch (error) {
      channel?.close().catch(() => {})
      throw this.#refusal(reason ?? error)
    }
  }

  async #queue(channel: Channel, queue: string): Promise<void> {
    const { deadLetters, due } = this.#names
    const [work, dead] = [this.#names.work(queue), this.#names.dead(queue)]
    const groups = Array.from({ length: this.#settings.groups }, (_, index) => this.#names.groups(queue, index))
    if (this.#settings.topology === 'verify') {
      await Promise.all([
        channel.checkExchange(deadLetters),
        channel.checkExchange(due),
        channel.checkQueue(dead),
        ...[work, ...groups].map((name) => channel.checkQueue(name)),
      ])
      return
    }
    await Promise.all([
      channel.assertExchange(deadLetters, 'direct'),
      channel.assertExchange(due, 'topic'),
      channel.assertQueue(dead, this.#queueOptions({ messageTtl: this.#settings.deadFor })),
      channel.bindQueue(dead, deadLetters, queue),
      channel.assertQueue(work, this.#workOptions(queue)),
      channel.bindQueue(work, due, duePattern(work)),
      ...groups.flatMap((name): Promise<unknown>[] => [
        channel.assertQueue(name, this.#groupsOptions(queue)),
        channel.bindQueue(name, due, duePattern(name)),
      ]),
    ])
  }

  async #delays(channel: Channel): Promise<void> {
    const levels = Array.from({ length: LEVELS }, (_, level) => level)
    const exchangeBelow = (level: number): string => (level === 0 ? this.#names.due : this.#names.delay(level - 1))
    if (this.#settings.topology === 'verify') {
      await Promise.all(
        levels.flatMap((level): Promise<unknown>[] => [
          channel.checkExchange(this.#names.delay(level)),
          channel.checkQueue(this.#names.delay(level)),
        ]),
      )
      return
    }
    const made = [channel.assertExchange(this.#names.due, 'topic') as Promise<unknown>]
    for (const level of levels) {
      const name = this.#names.delay(level)
      const below = exchangeBelow(level)
      made.push(
        channel.assertExchange(name, 'topic'),
        channel.assertQueue(name, this.#delayOptions(level, below)),
        channel.bindQueue(name, name, levelPattern(level, 1)),
        channel.bindExchange(below, name, levelPattern(level, 0)),
      )
    }
    await Promise.all(made)
  }

  #workOptions(queue: string): Options.AssertQueue {
    const { queueType, deliveryLimit, priorities } = this.#settings
    return this.#queueOptions({
      ...this.#leadingTo(this.#names.deadLetters, queue),
      ...(queueType === 'quorum' && { arguments: { 'x-delivery-limit': deliveryLimit } }),
      ...(queueType === 'classic' && priorities > 1 && { maxPriority: priorities - 1 }),
    })
  }

  /** A quorum queue in any case: a classic one lets go of a message before the next queue has it on the disk. */
  #delayOptions(level: number, below: string): Options.AssertQueue {
    return this.#queueOptions({ messageTtl: TICK * 2 ** level, ...this.#leadingTo(below) }, 'quorum')
  }

  /** Of the two priorities the higher one is for jobs that return. */
  #groupsOptions(queue: string): Options.AssertQueue {
    return this.#queueOptions({
      ...this.#leadingTo(this.#names.deadLetters, queue),
      maxPriority: 1,
      arguments: { 'x-single-active-consumer': true },
    })
  }

  /** Where messages go that expire or are rejected. A quorum queue lets go of them only when they have arrived there. */
  #leadingTo(exchange: string, key?: string): Options.AssertQueue {
    return { deadLetterExchange: exchange, ...(key !== undefined && { deadLetterRoutingKey: key }) }
  }

  #queueOptions(
    options: Options.AssertQueue,
    type: Settings['queueType'] = this.#settings.queueType,
  ): Options.AssertQueue {
    const isQuorum = type === 'quorum'
    return {
      durable: true,
      ...options,
      // A queue that is full must say so; it would drop its oldest jobs otherwise.
      ...(options.deadLetterExchange !== undefined && { overflow: 'reject-publish' }),
      arguments: {
        'x-queue-type': type,
        ...(isQuorum && options.deadLetterExchange !== undefined && { 'x-dead-letter-strategy': 'at-least-once' }),
        ...(options.arguments as object | undefined),
      },
    }
  }

  #refusal(error: unknown): BackendError {
    const reply = replyOf(error)
    const text = error instanceof Error ? error.message : String(error)
    if (reply === 406) {
      const problem = `a queue or exchange exists with other arguments; use another namespace, delete it, or set topology: 'verify' (${text})`
      return new BackendError('unsupported', NAME, problem, { cause: error })
    }
    if (reply === 404) {
      const problem =
        this.#settings.topology === 'verify'
          ? `what topology: 'verify' looks for is missing; declare it first (${text})`
          : `a queue or exchange was deleted while it was declared (${text})`
      return new BackendError('not-found', NAME, problem, { cause: error })
    }
    return failure(error, { outcome: 'none' })
  }
}

/** The driver's own answer never comes when the connection ends before that of the server. */
function closed(channel: Channel): Promise<unknown> {
  const ended = new Promise((resolve) => channel.once('close', resolve))
  return Promise.race([channel.close(), ended])
}
