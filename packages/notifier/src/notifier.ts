import {
  createNotificationWorker,
  OptionError,
  type Backend,
  type JobInfo,
  type Ms,
  type Notification,
  type NotificationWorkerOptions,
  type Worker,
  type WorkerEvents,
} from '@jobport/core/notify'
import type { Channel } from './channel.ts'
import type { DeliveryEntry } from './delivery-log.ts'
import { DeliveryWorker } from './delivery-worker.ts'
import { checkQuietHours, type QuietHours } from './quiet-hours.ts'
import { byRecipient, type Route } from './route.ts'
import { StormControl, type StormOptions } from './storm/storm-control.ts'
import type { Shown, Templates } from './words/template.ts'

export interface NotifierOptions extends Omit<NotificationWorkerOptions, 'channels' | 'handlers'> {
  /** The channels by name: 1 to 58 of `[A-Za-z0-9._:-]`. */
  readonly channels: Readonly<Record<string, Channel>>
  /** Default: the recipient's own `channel`, else the first of `channels`. */
  readonly route?: Route
  /** Words for messages. Where none fits, a message is plain and complete. */
  readonly templates?: Templates
  /** Where more can be read of a job, as an http or https URL. */
  readonly link?: (notification: Notification) => string | undefined
  /** What of a job's data messages without a template of yours show. The input is there only where the rule has `input: true`. Default: nothing. */
  readonly show?: readonly Shown[]
  /** Folds what comes too often into digests. Default: everything is delivered by itself. Needs a backend with state, delays and unique keys. */
  readonly storm?: StormOptions
  /** When messages wait for better hours. Default: never. */
  readonly quietHours?: QuietHours
}

/** One notification on its way. */
export interface Delivery {
  readonly job: JobInfo
  /** `undefined` for a job that died without being run: it crashed its worker too often, or could not be read. `job.id` begins with the id of the job it is about. */
  readonly notification: Notification | undefined
  /** `undefined` where it was not decided yet: the route failed. */
  readonly channel: string | undefined
}

export interface NotifierEvents extends WorkerEvents {
  /** Every attempt, as it ends: for a delivery log and metrics. Whether it was delivered is stored a moment later. */
  attempt: (entry: DeliveryEntry) => void
  /** A channel has taken the message, and that is stored. */
  delivered: (delivery: Delivery) => void
  /** An attempt failed; the next one comes after `retryIn`. */
  delayed: (delivery: Delivery, failure: { readonly error: unknown; readonly retryIn: Ms }) => void
  /** Given up. The job is dead: it can be read, and retried by an operator. Without a listener it is printed by `console.error`. */
  undeliverable: (delivery: Delivery, failure: { readonly error: unknown }) => void
}

/** Whether a channel could deliver. */
export type Verification = { readonly ok: true } | { readonly ok: false; readonly reason: string }

/** Delivers notifications: a worker of their reserved queue, with its channels. Closing it closes them. */
export interface Notifier extends Omit<Worker, 'on' | 'once' | 'off'> {
  /** Asks every channel whether it could deliver, without delivering anything. Never rejects; one that has nothing to ask, or no answer after 15 s, is told so. */
  verify(): Promise<Readonly<Record<string, Verification>>>
  on<Event extends keyof NotifierEvents>(event: Event, listener: NotifierEvents[Event]): this
  once<Event extends keyof NotifierEvents>(event: Event, listener: NotifierEvents[Event]): this
  off<Event extends keyof NotifierEvents>(event: Event, listener: NotifierEvents[Event]): this
}

/**
 * A notifier for the backend whose jobs notify. Several may run, in any processes, as long as all know the channels that the route can name.
 * @throws OptionError for options that are not usable.
 */
export function createNotifier(backend: Backend<any>, options: NotifierOptions): Notifier {
  const { channels, route, templates = {}, link, show = [], storm, quietHours, ...workerOptions } = options
  const [first] = Object.keys(channels ?? {})
  if (first === undefined)
    throw new OptionError('channels', 'is empty; give at least one, such as { log: logChannel() }')
  for (const [name, channel] of Object.entries(channels)) {
    if (typeof channel?.deliver !== 'function')
      throw new OptionError(`channels.${name}`, 'is not a channel; it has no deliver()')
  }
  for (const what of show) {
    if (what !== 'input' && what !== 'result')
      throw new OptionError('show', `there is no ${String(what)}; give input, result`)
  }
  const control = storm && new StormControl(backend as Backend, storm, options.runtime)
  const settings = {
    channels,
    route: route ?? byRecipient(first),
    wording: { templates, link, show },
    storm: control,
    quietHours: quietHours && checkQuietHours(quietHours),
    clock: options.runtime?.clock,
  }
  return new DeliveryWorker(settings, (deliver, forwarded) =>
    createNotificationWorker(backend, deliver, {
      ...workerOptions,
      channels: forwarded,
      ...(control && { handlers: control.handlers }),
    }),
  )
}
