import {
  checkKnown,
  createQueue,
  handle,
  notificationJob,
  notifierJob,
  OptionError,
  RetryLater,
  Snooze,
  toPositiveMs,
  UnsupportedError,
  type Backend,
  type DeliveryContext,
  type Duration,
  type Features,
  type Handler,
  type HandlerContext,
  type JobId,
  type Ms,
  type Notification,
  type Queue,
  type Recipient,
  type WorkerRuntime,
} from '@jobport/core/notify'
import { digestOf } from './digest.ts'
import { fingerprint, hash } from './fingerprint.ts'
import { pending, recipientOf, slim, type Folded } from './folded.ts'

/** Keeps a storm of notifications from drowning those who are to act on them. What is not told one by one is counted in a digest. */
export interface StormOptions {
  /** Whose notifications, and which. Default: those to a recipient with a `role`. What is `critical` always passes. */
  readonly for?: (to: Recipient, notification: Notification) => boolean
  /** Of one kind, one passes in so long; the digest of the others follows at its end. Default 5 min. */
  readonly window?: Duration
  /** The most that pass in a window for one recipient, of whatever kind. Default 10. */
  readonly limit?: number
  /** Equal texts are of one kind. Default: job name, event and error, without the ids and numbers in its message. */
  readonly fingerprint?: (notification: Notification) => string
}

/** Told of one kind to one recipient: until this job is done, others of the kind are folded. */
const opened = notifierJob<{ readonly recipient: string }>('window', { keep: 0 })
const folded = notifierJob<Folded>('folded', { keep: { completed: 0 } })
const digest = notifierJob<{ readonly recipient: string; readonly to: Recipient }>('digest')
const counted = notifierJob<{ readonly ids: readonly JobId[] }>('counted')

/** A digest is a little late, and what was folded falls due by itself when none came: it sees to it that one does. */
const GRACE: Ms = 30_000
const REMOVED_AT_ONCE = 1_000

/**
 * All its state is jobs, so it is shared between processes and survives them. A notification that is folded is completed and, in the same write, becomes a job
 * that waits to be counted and a job that makes the digest, one for each recipient by a unique key. The digest becomes an ordinary notification, again in
 * one write, and only then what is in it is removed. So whatever is killed when, nothing leaves uncounted; at worst something is counted twice.
 */
export class StormControl {
  readonly handlers: readonly Handler[]
  readonly #queue: Queue
  readonly #for: NonNullable<StormOptions['for']>
  readonly #window: Ms
  readonly #limit: number
  readonly #fingerprint: NonNullable<StormOptions['fingerprint']>

  constructor(backend: Backend, options: StormOptions, runtime: Partial<WorkerRuntime> | undefined) {
    checkKnown(options, ['for', 'window', 'limit', 'fingerprint'], 'storm')
    const { state, delay, unique } = backend.features
    if (!state || !delay || !unique) {
      throw new UnsupportedError(backend.name, 'storm control', 'It needs state, delays and unique keys.')
    }
    this.#queue = createQueue<Features, unknown>(backend, runtime === undefined ? {} : { runtime })
    this.#for = options.for ?? (({ role }) => role !== undefined)
    this.#window = toPositiveMs(options.window ?? '5m', 'storm.window')
    this.#limit = options.limit ?? 10
    this.#fingerprint = options.fingerprint ?? fingerprint
    if (!Number.isInteger(this.#limit) || this.#limit < 1) {
      throw new OptionError('storm.limit', `${this.#limit} is not usable; give an integer from 1 up`)
    }
    this.handlers = [
      handle(opened, () => {}),
      handle(folded, (input, context) => this.#remind(input, context)),
      handle(digest, (input, context) => this.#digest(input, context)),
      handle(counted, ({ ids }) => this.#forget(ids)),
    ]
  }

  /** Answers whether it may be delivered by itself. If not, it is counted with the completion of the job that carries it. */
  async admit(notification: Notification, { followUp }: Pick<DeliveryContext, 'followUp'>): Promise<boolean> {
    const { to, severity } = notification
    if (severity === 'critical' || notification.digest !== undefined || !this.#for(to, notification)) return true
    const recipient = hash(JSON.stringify(Object.entries(to).toSorted(([a], [b]) => (a < b ? -1 : 1))))
    if (await this.#passes(notification, recipient)) return true
    const mark = hash(notification.id)
    followUp(
      folded,
      { recipient, notification: slim(notification) },
      { id: `folded:${mark}`, delay: this.#window + GRACE },
    )
    followUp(digest, { recipient, to }, this.#digestOptions(recipient, mark, this.#window))
    return false
  }

  async close(): Promise<void> {
    await this.#queue.close()
  }

  async #passes(notification: Notification, recipient: string): Promise<boolean> {
    const kind = hash(`${recipient} ${this.#fingerprint(notification)}`)
    const id = `window:${kind}:${hash(notification.id)}`
    const options = { id, delay: this.#window, unique: { key: `window:${kind}` } }
    const window = await this.#queue.enqueue(opened, { recipient }, options)
    if (window.id !== id) return false
    const windows = await pending(this.#queue.inspect, opened.name)
    const own = [...windows.values()].filter((record) => recipientOf(record) === recipient)
    return own.findIndex((record) => record.id === id) < this.#limit
  }

  #digestOptions(recipient: string, mark: string, delay: Ms) {
    return { id: `digest:${recipient}:${mark}`, delay, unique: { key: `digest:${recipient}` } }
  }

  async #digest(
    { recipient, to }: { readonly recipient: string; readonly to: Recipient },
    { followUp }: Pick<HandlerContext, 'followUp'>,
  ): Promise<void> {
    const records = await pending(this.#queue.inspect, folded.name)
    const own = [...records.values()].filter((record) => recipientOf(record) === recipient)
    if (own.length === 0) return
    const notifications = new Map(own.map(({ id, payload }) => [id, (JSON.parse(payload) as Folded).notification]))
    const notification = digestOf(to, notifications, this.#window)
    followUp(notificationJob, notification, { id: notification.id })
    const ids = [...notifications.keys()]
    for (let from = 0; from < ids.length; from += REMOVED_AT_ONCE) {
      followUp(counted, { ids: ids.slice(from, from + REMOVED_AT_ONCE) })
    }
  }

  /** It was not counted in time: by a digest that was busy already, or that is being retried. There has to be one that comes later. */
  async #remind({ recipient, notification }: Folded, { job }: Pick<HandlerContext, 'job'>): Promise<never> {
    const mark = hash(`${notification.id} ${job.attempt}`)
    const options = this.#digestOptions(recipient, mark, 1_000)
    await this.#queue.enqueue(digest, { recipient, to: notification.to }, options)
    throw new Snooze(GRACE)
  }

  async #forget(ids: readonly JobId[]): Promise<void> {
    await this.#queue.operate.remove(ids)
    const left = await this.#queue.inspect.find(ids)
    if (left.some((record) => record?.state === 'active')) throw new RetryLater('1s', 'some are being handled')
  }
}
