import { createHash } from 'node:crypto'
import type { Encoded, JobId, Ms, NewJob, Timestamp } from '../contract/job.ts'
import type { Limits } from '../contract/limits.ts'
import { makeDefinition, type JobDefinition } from '../definition/define-job.ts'
import type { JobInfo } from '../definition/job-info.ts'
import { checkName } from '../definition/name.ts'
import { type } from '../definition/schema.ts'
import type { DescribedError } from '../encoding/described-error.ts'
import { exponential } from '../retry/backoff.ts'
import { encodePolicy, type KeepOptions, type RetryOptions } from '../retry/policy.ts'
import type { Duration } from '../time/duration.ts'
import {
  applies,
  checkRecipients,
  checkSeverity,
  type JobOutcome,
  type NotifyEvent,
  type NotifyRule,
  type Recipient,
  type Severity,
} from './rule.ts'

/** The reserved queue that notifications travel on. */
export const NOTIFICATION_QUEUE = 'jobport.notifications'
/** The reserved queue of what a notifier does besides delivering. */
export const UPKEEP_QUEUE = `${NOTIFICATION_QUEUE}.upkeep`
const NAME = 'jobport.notification'

/** News of one outcome for one recipient. It may arrive more than once, always with the same `id`. */
export interface Notification {
  /**
   * `<job id>:<event>:<hash of the recipient>`, with the number of redrives before the hash when the job was sent back to work. Of one job, `retrying` and
   * `stalled` can happen more than once, so there the event has a number: that of the failure, or of the crash.
   */
  readonly id: string
  readonly event: NotifyEvent
  readonly severity: Severity
  readonly to: Recipient
  readonly job: Pick<JobInfo, 'id' | 'queue' | 'name' | 'attempt' | 'failures' | 'crashes' | 'headers' | 'enqueuedAt'>
  /** The job's result, where it has one. */
  readonly result?: unknown
  /** Why the job is dead, or has to be retried. */
  readonly error?: DescribedError
  /** When the next attempt of a retrying job comes. */
  readonly retryIn?: Ms
  /** The job's input, where the rule asks for it. */
  readonly input?: unknown
  /** When it happened, by the backend's clock. Core leaves it to the notifier, which knows it from the job that carries the notification. */
  readonly at?: Timestamp
  /** It stands for others that were folded into it. `job` and `error` are those of the newest. */
  readonly digest?: Digest
  /** The input, the result or the error's details did not fit into the notification; the job's record has them. */
  readonly abridged?: true
}

/** What was folded into one notification, so that a storm of them does not drown its recipient. */
export interface Digest {
  readonly count: number
  /** When the first happened, by the backend's clock. */
  readonly since: Timestamp
  /** When the last happened. */
  readonly until: Timestamp
  /** How long they were gathered. */
  readonly window: Ms
  /** The largest first. Their counts add up to `count`. */
  readonly groups: readonly DigestGroup[]
}

export interface DigestGroup {
  readonly name: string
  readonly event: NotifyEvent
  readonly count: number
  /** Of the newest. */
  readonly error?: Pick<DescribedError, 'name' | 'message'>
  /** Some of the jobs. */
  readonly jobs: readonly JobId[]
}

/** How deliveries are tried. */
export interface DeliveryPolicy {
  /** Default: 15 retries with `exponential({ initial: '1s', max: '30m' })`, which go on for about two hours. */
  readonly retry?: RetryOptions
  /** How long one attempt may take. Default 1 min. */
  readonly timeout?: Duration
  /** How long the record of a delivery stays readable. Default: completed 2 min, dead 14 d. */
  readonly keep?: KeepOptions
}

/**
 * The job that carries a notification, or, with a channel, the one that carries it on to that channel alone. Its definition has no rules, so a notification
 * about a notification cannot come to be.
 */
export function deliveryJob(
  policy: DeliveryPolicy = {},
  channel?: string,
): JobDefinition<Notification, Notification, unknown, void> {
  return makeDefinition(checkName(channel === undefined ? NAME : `${NAME}.${channel}`, 'channels'), {
    input: type<Notification>(),
    queue: NOTIFICATION_QUEUE,
    retry: { retries: 15, backoff: exponential({ initial: '1s', max: '30m' }), ...policy.retry },
    timeout: policy.timeout ?? '1m',
    ...(policy.keep !== undefined && { keep: policy.keep }),
  })
}

/** The job that carries a notification. */
export const notificationJob: JobDefinition<Notification, Notification, unknown, void> = deliveryJob()

/** Besides a job and its outcome, what notifications are made from. */
export interface NotificationSource {
  readonly rules: readonly NotifyRule[]
  readonly limits: Pick<Limits, 'payloadBytes'>
  readonly onError: (error: unknown) => void
  /** The job's payload, as text. */
  readonly payload?: Encoded
}

/** A job may be claimed for as long as its retries last, and each time it could be told again that it stalled before. Its notification is known at least so long. */
const STALL_KNOWN: Ms = 86_400_000

/**
 * The notification jobs that follow from an outcome by these rules. A rule that throws is passed to `onError` and skipped; the outcome
 * itself must not depend on it. Nor may a result that fits its own limit make a notification that does not: it is left out.
 */
export function notificationsFor(job: JobInfo, outcome: JobOutcome, source: NotificationSource): readonly NewJob[] {
  // What carries notifications has none: there would be no end of it.
  if (source.rules.length === 0 || job.queue.startsWith(NOTIFICATION_QUEUE)) return []
  const notifications = new Map<string, Notification>()
  for (const rule of source.rules) {
    try {
      if (!applies(rule, job, outcome)) continue
      const to = typeof rule.to === 'function' ? rule.to(job, outcome) : rule.to
      if (to === undefined) continue
      for (const recipient of checkRecipients(to, `notify of job ${job.name}`)) {
        const notification = notificationOf(job, outcome, rule, recipient, source)
        if (outranks(notification, notifications.get(notification.id))) notifications.set(notification.id, notification)
      }
    } catch (error) {
      source.onError(error)
    }
  }
  const policy = outcome.state === 'stalled' ? encodePolicy({ keep: { completed: STALL_KNOWN } }) : undefined
  return [...notifications.values()].map((notification) => ({
    id: notification.id,
    queue: NOTIFICATION_QUEUE,
    name: NAME,
    payload: fit(notification, source.limits.payloadBytes),
    headers: job.headers,
    ...(policy !== undefined && { policy }),
  }))
}

const RANKS: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2, critical: 3 }

/** Two rules may name one recipient: the graver one counts. */
function outranks(notification: Notification, other: Notification | undefined): boolean {
  return other === undefined || RANKS[notification.severity] > RANKS[other.severity]
}

function fit(notification: Notification, bytes: number): Encoded {
  const text = JSON.stringify(notification)
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return text
  const { result: _, input: __, error, ...rest } = notification
  const { name, message } = error ?? {}
  const brief = name !== undefined && message !== undefined ? { name, message: message.slice(0, 200) } : undefined
  return JSON.stringify({ ...rest, ...(brief && { error: brief }), abridged: true } satisfies Notification)
}

const SEVERITY: Readonly<Record<NotifyEvent, Severity>> = {
  completed: 'info',
  cancelled: 'info',
  retrying: 'warning',
  stalled: 'warning',
  dead: 'error',
}

function notificationOf(
  job: JobInfo,
  outcome: JobOutcome,
  rule: NotifyRule,
  to: Recipient,
  source: NotificationSource,
): Notification {
  const { id, queue, name, attempt, failures, crashes, headers, enqueuedAt } = job
  const { state, result, error, retryIn } = outcome
  const severity = typeof rule.severity === 'function' ? rule.severity(job, outcome) : rule.severity
  return {
    id: followUpId(job, kindOf(job, state), JSON.stringify(sorted(to))),
    event: state,
    severity: severity === undefined ? SEVERITY[state] : checkSeverity(severity, `notify of job ${name}`),
    to,
    job: { id, queue, name, attempt, failures, crashes, headers, enqueuedAt },
    ...(result !== undefined && { result }),
    ...(error !== undefined && { error }),
    ...(retryIn !== undefined && { retryIn }),
    ...(rule.input === true && source.payload !== undefined && { input: JSON.parse(source.payload) as unknown }),
  }
}

function kindOf({ failures, crashes }: JobInfo, event: NotifyEvent): string {
  if (event === 'retrying') return `${event}-${failures + 1}`
  return event === 'stalled' ? `${event}-${crashes}` : event
}

function sorted(to: Recipient): readonly (readonly [string, string])[] {
  return Object.entries(to).toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/**
 * The id of what follows from an outcome: the same whenever the same outcome is settled again, so a repeat makes no second job.
 * Another one after a redrive, whose outcome is news of its own. An id that would grow too long is replaced by its hash.
 */
export function followUpId(job: Pick<JobInfo, 'id' | 'redrives'>, kind: string, distinction: string): JobId {
  const origin = job.id.length > 80 ? hash(job.id, 22) : job.id
  const round = job.redrives === 0 ? '' : `:${job.redrives}`
  return `${origin}:${kind}${round}:${hash(distinction, 11)}`
}

function hash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, length)
}
