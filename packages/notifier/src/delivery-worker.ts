import {
  RetryLater,
  Snooze,
  systemClock,
  Unrecoverable,
  type Clock,
  type CloseOptions,
  type Deliver,
  type DeliveryContext,
  type JobInfo,
  type Notification,
  type RunOptions,
  type Worker,
} from '@jobport/core/notify'
import { EventEmitter } from 'eventemitter3'
import type { Channel, DeliveryResult } from './channel.ts'
import type { DeliveryEntry } from './delivery-log.ts'
import type { Delivery, Notifier, NotifierEvents, Verification } from './notifier.ts'
import { quietFor, type QuietHours } from './quiet-hours.ts'
import { follow, type Route } from './route.ts'
import type { StormControl } from './storm/storm-control.ts'
import { verify } from './verify.ts'
import { render, type Wording } from './words/template.ts'

interface Settings {
  readonly channels: Readonly<Record<string, Channel>>
  readonly route: Route
  readonly wording: Wording
  readonly storm: StormControl | undefined
  readonly quietHours: QuietHours | undefined
  readonly clock: Clock | undefined
}

const OWN: ReadonlySet<keyof NotifierEvents> = new Set(['attempt', 'delivered', 'delayed', 'undeliverable'])

/**
 * A notification for one channel is delivered by its own job. One for several is handed on: a job for each channel is stored together with the completion of
 * the first job, so from then on they fail and succeed alone.
 */
export class DeliveryWorker implements Notifier {
  readonly #settings: Settings
  readonly #clock: Clock
  readonly #channelNames: readonly string[]
  readonly #worker: Worker
  readonly #events = new EventEmitter<NotifierEvents>()
  /** What is being delivered, by job and attempt, for the events: those of the worker do not tell what a job carries. */
  readonly #open = new Map<string, Pick<Delivery, 'notification' | 'channel'>>()

  constructor(settings: Settings, createWorker: (deliver: Deliver, channels: Record<string, Deliver>) => Worker) {
    this.#settings = settings
    this.#clock = settings.clock ?? systemClock
    this.#channelNames = Object.keys(settings.channels)
    const forwarded = this.#channelNames.map((name): [string, Deliver] => [
      name,
      (notification, context) => this.#deliver(notification, name, context),
    ])
    this.#worker = createWorker(
      (notification, context) => this.#send(notification, context),
      Object.fromEntries(forwarded),
    )
    this.#worker.on('completed', (job) => {
      const delivery = this.#take(job)
      if (delivery.channel !== undefined) this.#tell('delivered', delivery)
    })
    this.#worker.on('failed', (job, { error, retryIn }) => {
      const delivery = this.#take(job)
      if (retryIn === undefined) this.#giveUp(delivery, error)
      else this.#tell('delayed', delivery, { error, retryIn })
    })
    const drop = (job: JobInfo): void => void this.#take(job)
    this.#worker.on('cancelled', drop).on('snoozed', drop).on('released', drop).on('lost', drop)
  }

  get concurrency(): number {
    return this.#worker.concurrency
  }

  set concurrency(concurrency: number) {
    this.#worker.concurrency = concurrency
  }

  get running(): number {
    return this.#worker.running
  }

  get ready(): number {
    return this.#worker.ready
  }

  get isIdle(): boolean {
    return this.#worker.isIdle
  }

  start(): Promise<void> {
    return this.#worker.start()
  }

  async run(options?: RunOptions): Promise<void> {
    try {
      await this.#worker.run(options)
    } finally {
      await this.#closeChannels()
    }
  }

  pause(): void {
    this.#worker.pause()
  }

  resume(): void {
    this.#worker.resume()
  }

  async close(options?: CloseOptions): Promise<void> {
    await this.#worker.close(options)
    await this.#closeChannels()
  }

  verify(): Promise<Readonly<Record<string, Verification>>> {
    return verify(this.#settings.channels, this.#clock)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  on<Event extends keyof NotifierEvents>(event: Event, listener: NotifierEvents[Event]): this {
    this.#emitterOf(event).on(event, listener)
    return this
  }

  once<Event extends keyof NotifierEvents>(event: Event, listener: NotifierEvents[Event]): this {
    this.#emitterOf(event).once(event, listener)
    return this
  }

  off<Event extends keyof NotifierEvents>(event: Event, listener: NotifierEvents[Event]): this {
    this.#emitterOf(event).off(event, listener)
    return this
  }

  #emitterOf(event: keyof NotifierEvents): Pick<EventEmitter, 'on' | 'once' | 'off'> {
    return (OWN.has(event) ? this.#events : this.#worker) as unknown as EventEmitter
  }

  async #send(received: Notification, context: DeliveryContext): Promise<void> {
    const { job, forward } = context
    const notification = { ...received, at: received.at ?? job.enqueuedAt }
    this.#begin(job, { notification, channel: undefined })
    this.#hold(notification, job)
    if ((await this.#settings.storm?.admit(notification, context)) === false) {
      this.#note(notification, job, { status: 'folded', took: 0 })
      return
    }
    const channels = follow(this.#settings.route, notification, this.#channelNames)
    if (channels.length === 1) await this.#deliver(notification, channels[0]!, context)
    else for (const channel of channels) forward(channel, notification)
  }

  #hold(notification: Notification, job: JobInfo): void {
    const { quietHours } = this.#settings
    if (quietHours === undefined || notification.severity === 'critical') return
    if (quietHours.for?.(notification.to, notification) === false) return
    const wait = quietFor(this.#clock.date(), quietHours)
    if (wait === 0) return
    this.#note(notification, job, { status: 'held', took: 0 })
    throw new Snooze(wait)
  }

  async #deliver(notification: Notification, channel: string, { job, signal, log }: DeliveryContext): Promise<void> {
    this.#begin(job, { notification, channel })
    const began = this.#clock.now()
    const note = (status: DeliveryEntry['status'], detail: string | undefined): void => {
      const took = this.#clock.now() - began
      this.#note(notification, job, { channel, status, took, ...(detail !== undefined && { detail }) })
    }
    let result: DeliveryResult | void
    try {
      const message = render(this.#settings.wording, notification, notification.at ?? job.enqueuedAt)
      result = await this.#settings.channels[channel]!.deliver(message, { signal, attempt: job.attempt })
    } catch (error) {
      note(
        error instanceof Unrecoverable ? 'permanent' : 'retryable',
        error instanceof Error ? error.message : String(error),
      )
      throw error
    }
    // A function that answers nothing may by its type return anything.
    if (result === undefined || (result.status !== 'retryable' && result.status !== 'permanent')) {
      note('delivered', result?.receipt)
      return
    }
    note(result.status, result.reason)
    log(`${channel}: ${result.reason}`)
    if (result.status === 'permanent') throw new Unrecoverable(result.reason)
    throw result.retryAfter === undefined ? new Error(result.reason) : new RetryLater(result.retryAfter, result.reason)
  }

  #note(
    { id, event, severity, to, job: about }: Notification,
    job: JobInfo,
    entry: Pick<DeliveryEntry, 'channel' | 'status' | 'took' | 'detail'>,
  ): void {
    this.#tell('attempt', {
      at: new Date(this.#clock.date()).toISOString(),
      id,
      event,
      severity,
      to,
      job: { id: about.id, name: about.name, queue: about.queue },
      attempt: job.attempt,
      ...entry,
    })
  }

  #begin(job: JobInfo, delivery: Pick<Delivery, 'notification' | 'channel'>): void {
    this.#open.set(`${job.id}#${job.attempt}`, delivery)
  }

  #take(job: JobInfo): Delivery {
    const key = `${job.id}#${job.attempt}`
    const delivery = this.#open.get(key) ?? { notification: undefined, channel: undefined }
    this.#open.delete(key)
    return { job, ...delivery }
  }

  #giveUp(delivery: Delivery, error: unknown): void {
    if (this.#tell('undeliverable', delivery, { error })) return
    const { job, channel = 'no channel' } = delivery
    console.error(`jobport notifier: notification ${job.id} is undeliverable by ${channel}; its job is dead:`, error)
  }

  /** Answers whether anybody listens. A listener that throws harms nobody. */
  #tell<Name extends 'attempt' | 'delivered' | 'delayed' | 'undeliverable'>(
    event: Name,
    ...args: Parameters<NotifierEvents[Name]>
  ): boolean {
    try {
      return (this.#events.emit as (event: Name, ...args: unknown[]) => boolean).call(this.#events, event, ...args)
    } catch (error) {
      console.error(`jobport notifier: a listener of "${event}" threw`, error)
      return true
    }
  }

  async #closeChannels(): Promise<void> {
    await this.#settings.storm?.close()
    await Promise.all(Object.values(this.#settings.channels).map(async (channel) => channel.close?.()))
  }
}
