import type { ClaimedJob, Lease, NewJob } from '../contract/job.ts'
import type { Limits } from '../contract/limits.ts'
import type { Started } from '../contract/store.ts'

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

/** A job in a message of several. What it does not have is 0, or left out. */
type Member = readonly [
  id: string,
  name: string,
  payload: string,
  headers?: Readonly<Record<string, string>> | 0,
  policy?: string,
]

/** One message for jobs that differ in nothing that a broker looks at: due now, and with the same queue, priority and mark. */
export function messageOfMany(jobs: readonly NewJob[], mark: string, limits: Limits): NewJob {
  const [first] = jobs
  const members = jobs.map(({ id, name, payload, headers, policy }): Member => {
    const text = isStored(mark) ? ELSEWHERE : payload
    if (policy !== undefined) return [id, name, text, headers, policy]
    return isEmpty(headers) ? [id, name, text] : [id, name, text, headers]
  })
  return {
    ...messageOf(first!, mark, limits),
    name: JOBS,
    payload: JSON.stringify(members),
    headers: { [MARK]: mark, [TOGETHER]: String(jobs.length) },
  }
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
  if (mark !== undefined && together !== undefined)
    return { lease, mark, jobs: membersOf(lease.queue, payload, priority) }
  const content = { name, payload, headers: mark === undefined ? all : headers, policy, priority }
  return { lease, mark, jobs: [told(lease.id, lease.queue, content)] }
}

function membersOf(queue: string, text: string, priority: number | undefined): readonly NewJob[] {
  let members: unknown
  try {
    members = JSON.parse(text)
  } catch {
    return []
  }
  if (!Array.isArray(members) || !members.every(isMember)) return []
  return members.map(([id, name, payload, headers = 0, policy]) =>
    told(id, queue, { name, payload, headers: headers === 0 ? NO_HEADERS : headers, policy, priority }),
  )
}

/** No more than what a job cannot be without: who may write to the queue may enqueue. */
function isMember(value: unknown): value is Member {
  if (!Array.isArray(value)) return false
  const [id, name, payload] = value as unknown[]
  return typeof id === 'string' && typeof name === 'string' && typeof payload === 'string'
}

interface Content {
  readonly name: string
  readonly payload: string
  readonly headers: Readonly<Record<string, string>>
  readonly policy: string | undefined
  readonly priority: number | undefined
}

function told(id: string, queue: string, { name, payload, headers, policy, priority }: Content): NewJob {
  const job: { -readonly [K in keyof NewJob]: NewJob[K] } = { id, queue, name, payload, headers }
  if (policy !== undefined) job.policy = policy
  if (priority !== undefined) job.priority = priority
  return job
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({})

function isEmpty(headers: Readonly<Record<string, string>>): boolean {
  for (const _ in headers) return false
  return true
}

/** Whether the payload may travel with the broker. */
export function fits(payload: string, { payloadBytes }: Limits): boolean {
  return payload.length * 3 <= payloadBytes || Buffer.byteLength(payload) <= payloadBytes
}

/** Whether the message says all of a job that the store knows by this origin. */
export function isWhole(mark: string | undefined, origin: string): boolean {
  return mark === undefined || mark === markOf(origin, false)
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
