import type {
  CloseOptions,
  Deliver,
  DeliveryContext,
  JobInfo,
  Notification,
  RunOptions,
  Worker,
} from '@jobport/core/notify'
import { EventEmitter } from 'eventemitter3'
import type { Delivery, Notifier, NotifierEvents, NotifierOptions } from './notifier.ts'
import { follow } from './route.ts'
import { render } from './template.ts'

type Settings = Required<Pick<NotifierOptions, 'channels' | 'route' | 'templates'>>

const OWN: ReadonlySet<keyof NotifierEvents> = new Set(['delivered', 'delayed', 'undeliverable'])

/**
 * A notification for one channel is delivered by its own job. One for several is handed on: a job for each channel is stored together with the completion of
 * the first job, so from then on they fail and succeed alone.
 */
export class DeliveryWorker implements Notifier {
  readonly #settings: Settings
  readonly #channelNames: readonly string[]
  readonly #worker: Worker
  readonly #events = new EventEmitter<NotifierEvents>()
  /** What is being delivered, by job and attempt, for the events: those of the worker do not tell what a job carries. */
  readonly #open = new Map<string, Pick<Delivery, 'notification' | 'channel'>>()

  constructor(settings: Settings, createWorker: (deliver: Deliver, channels: Record<string, Deliver>) => Worker) {
    this.#settings = settings
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

  async #send(notification: Notification, context: DeliveryContext): Promise<void> {
    this.#begin(context.job, { notification, channel: undefined })
    const channels = follow(this.#settings.route, notification, this.#channelNames)
    if (channels.length === 1) await this.#deliver(notification, channels[0]!, context)
    else for (const channel of channels) context.forward(channel)
  }

  async #deliver(notification: Notification, channel: string, { job, signal }: DeliveryContext): Promise<void> {
    this.#begin(job, { notification, channel })
    const message = render(this.#settings.templates, notification)
    await this.#settings.channels[channel]!.deliver(message, { signal, attempt: job.attempt })
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
  #tell<Name extends 'delivered' | 'delayed' | 'undeliverable'>(
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
    await Promise.all(Object.values(this.#settings.channels).map(async (channel) => channel.close?.()))
  }
}
