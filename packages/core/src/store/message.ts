import type { ClaimedJob, Lease, NewJob } from '../contract/job.ts'
import type { Limits } from '../contract/limits.ts'
import type { Started } from '../contract/store.ts'
import { bodyOf, membersOf } from './body.ts'

/** The header by which a worker knows a message whose jobs are in the store. It says where the payloads are, and which jobs of these ids they are. */
const MARK = 'jobport-store'

const IN_MESSAGE = 'message:'
const IN_STORE = 'store:'

/** The header of a message of several jobs: how many. */
const TOGETHER = 'jobport-jobs'

/** The name that such a message has. */
const JOBS = 'jobport.jobs'

/** What a message has for a payload that is read from the store: JSON, like any. */
const ELSEWHERE = 'null'

/** The mark of jobs that one call has brought. */
export function markOf(origin: string, isStored: boolean): string {
  return `${isStored ? IN_STORE : IN_MESSAGE}${origin}`
}

function isStored(mark: string): boolean {
  return mark.startsWith(IN_STORE)
}

/** What the broker is given of a job: nothing that the store looks after. */
export function messageOf(job: NewJob, mark: string, { priorities }: Limits): NewJob {
  const message: { -readonly [K in keyof NewJob]: NewJob[K] } = {
    id: job.id,
    queue: job.queue,
    name: job.name,
    payload: isStored(mark) ? ELSEWHERE : job.payload,
    headers: { ...job.headers, [MARK]: mark },
  }
  if (job.policy !== undefined) message.policy = job.policy
  if (job.delay !== undefined && job.delay > 0) message.delay = job.delay
  if (job.priority !== undefined && job.priority > 0) message.priority = Math.min(job.priority, priorities - 1)
  if (job.resent !== undefined) message.resent = job.resent
  return message
}

/** One message for jobs that differ in nothing that a broker looks at: due now, and with the same queue, priority and mark. */
export function messageOfMany(jobs: readonly NewJob[], mark: string, limits: Limits): NewJob {
  const [first] = jobs
  const payloads = jobs.map(({ payload }) => (isStored(mark) ? ELSEWHERE : payload))
  return {
    ...messageOf(first!, mark, limits),
    name: JOBS,
    payload: bodyOf(jobs, payloads),
    headers: { [MARK]: mark, [TOGETHER]: String(jobs.length) },
  }
}

/** Whether the store looks after what a message tells of. */
export function isOfStore({ headers }: ClaimedJob): boolean {
  return headers[MARK] !== undefined
}

/** What came with one message. */
export interface Parcel {
  /** The broker's. */
  readonly lease: Lease
  /** Absent where nobody knows the job but the broker: it was sent by a client without a store. */
  readonly mark: string | undefined
  /** As the message tells of them. Empty where it cannot be read. */
  readonly jobs: readonly NewJob[]
}

export function open({ lease, name, payload, headers: all, policy, priority }: ClaimedJob): Parcel {
  const { [MARK]: mark, [TOGETHER]: together, ...headers } = all
  if (mark !== undefined && together !== undefined) {
    return { lease, mark, jobs: membersOf(payload, lease.queue, priority) }
  }
  const { id, queue } = lease
  const job: { -readonly [K in keyof NewJob]: NewJob[K] } = {
    id,
    queue,
    name,
    payload,
    headers: mark === undefined ? all : headers,
  }
  if (policy !== undefined) job.policy = policy
  if (priority !== undefined) job.priority = priority
  return { lease, mark, jobs: [job] }
}

/** Whether the payload may travel with the broker. */
export function fits(payload: string, { payloadBytes }: Limits): boolean {
  return payload.length * 3 <= payloadBytes || Buffer.byteLength(payload) <= payloadBytes
}

/** Whether the message says all of a job that the store knows by this origin. */
export function isWhole(mark: string | undefined, origin: string): boolean {
  return mark === undefined || (mark.startsWith(IN_MESSAGE) && mark.slice(IN_MESSAGE.length) === origin)
}

/** A job that a message tells of, as the store lets it begin. */
export function claimed({ name, payload, headers, policy, priority }: NewJob, started: Started): ClaimedJob {
  const { lease, attempt, failures, crashes, redrives, enqueuedAt } = started
  const job: { -readonly [K in keyof ClaimedJob]: ClaimedJob[K] } = {
    lease,
    name,
    payload,
    headers,
    attempt,
    failures,
    crashes,
    redrives,
    enqueuedAt,
  }
  if (policy !== undefined) job.policy = policy
  if (priority !== undefined) job.priority = priority
  if (started.cancelRequested === true) job.cancelRequested = true
  return job
}
