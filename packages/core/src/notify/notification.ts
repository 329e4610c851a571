import { createHash } from 'node:crypto'
import type { Encoded, FinalState, JobId, NewJob } from '../contract/job.ts'
import type { Limits } from '../contract/limits.ts'
import { makeDefinition, type JobDefinition } from '../definition/define-job.ts'
import type { JobInfo } from '../definition/job-info.ts'
import { checkName } from '../definition/name.ts'
import { type } from '../definition/schema.ts'
import type { DescribedError } from '../encoding/described-error.ts'
import { exponential } from '../retry/backoff.ts'
import type { KeepOptions, RetryOptions } from '../retry/policy.ts'
import type { Duration } from '../time/duration.ts'
import { checkRecipients, type JobOutcome, type NotifyRule, type Recipient } from './rule.ts'

/** The reserved queue that notifications travel on. */
export const NOTIFICATION_QUEUE = 'jobport.notifications'
const NAME = 'jobport.notification'

/** News of one outcome for one recipient. It may arrive more than once, always with the same `id`. */
export interface Notification {
  /** `<job id>:<event>:<hash of the recipient>`, with the number of redrives before the hash when the job was sent back to work. */
  readonly id: string
  readonly event: FinalState
  readonly to: Recipient
  readonly job: Pick<JobInfo, 'id' | 'queue' | 'name' | 'attempt' | 'failures' | 'crashes' | 'headers' | 'enqueuedAt'>
  /** The job's result, where it has one. */
  readonly result?: unknown
  /** Why the job is dead. */
  readonly error?: DescribedError
  /** The result, or the error's details, did not fit into the notification; the job's record has them. */
  readonly abridged?: true
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

/**
 * The notification jobs that follow from an outcome by the definition's rules. A rule that throws is passed to `onError` and skipped; the outcome
 * itself must not depend on it. Nor may a result that fits its own limit make a notification that does not: it is left out.
 */
export function notificationsFor(
  rules: readonly NotifyRule[],
  job: JobInfo,
  outcome: JobOutcome,
  limits: Pick<Limits, 'payloadBytes'>,
  onError: (error: unknown) => void,
): readonly NewJob[] {
  const notifications = new Map<string, Notification>()
  for (const rule of rules) {
    if (rule.on !== 'finished' && rule.on !== outcome.state) continue
    try {
      const to = typeof rule.to === 'function' ? rule.to(job, outcome) : rule.to
      if (to === undefined) continue
      for (const recipient of checkRecipients(to, `notify of job ${job.name}`)) {
        const notification = notificationOf(job, outcome, recipient)
        notifications.set(notification.id, notification)
      }
    } catch (error) {
      onError(error)
    }
  }
  return [...notifications.values()].map((notification) => ({
    id: notification.id,
    queue: NOTIFICATION_QUEUE,
    name: NAME,
    payload: fit(notification, limits.payloadBytes),
    headers: job.headers,
  }))
}

function fit(notification: Notification, bytes: number): Encoded {
  const text = JSON.stringify(notification)
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return text
  const { result: _, error, ...rest } = notification
  const { name, message } = error ?? {}
  const brief = name !== undefined && message !== undefined ? { name, message: message.slice(0, 200) } : undefined
  return JSON.stringify({ ...rest, ...(brief && { error: brief }), abridged: true } satisfies Notification)
}

function notificationOf(job: JobInfo, outcome: JobOutcome, to: Recipient): Notification {
  const { id, queue, name, attempt, failures, crashes, headers, enqueuedAt } = job
  return {
    id: followUpId(job, outcome.state, JSON.stringify(Object.entries(to).toSorted(([a], [b]) => (a < b ? -1 : 1)))),
    event: outcome.state,
    to,
    job: { id, queue, name, attempt, failures, crashes, headers, enqueuedAt },
    ...(outcome.result !== undefined && { result: outcome.result }),
    ...(outcome.error !== undefined && { error: outcome.error }),
  }
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
