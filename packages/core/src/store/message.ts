import type { ClaimedJob, Lease, NewJob } from '../contract/job.ts'
import type { Limits } from '../contract/limits.ts'

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
  readonly jobs: readonly ClaimedJob[]
}

export function open(message: ClaimedJob): Parcel {
  const { lease } = message
  const { [MARK]: mark, [TOGETHER]: together, ...headers } = message.headers
  if (mark === undefined) return { lease, mark, jobs: [message] }
  if (together === undefined) return { lease, mark, jobs: [{ ...message, headers }] }
  return { lease, mark, jobs: membersOf(message) }
}

function membersOf(message: ClaimedJob): readonly ClaimedJob[] {
  const { queue, token } = message.lease
  let members: readonly Member[]
  try {
    members = JSON.parse(message.payload) as readonly Member[]
  } catch {
    return []
  }
  const { policy: _, ...common } = message
  return members.map(([id, name, payload, headers = 0, policy]): ClaimedJob => {
    const job = { ...common, lease: { id, queue, token }, name, payload, headers: headers === 0 ? NO_HEADERS : headers }
    return policy === undefined ? job : { ...job, policy }
  })
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

/** A claimed job as a new one: what the store is to know of a foreign message, or what is passed on. */
export function asNew({ lease, name, payload, headers, policy, priority }: ClaimedJob): NewJob {
  const job = { id: lease.id, queue: lease.queue, name, payload, headers }
  return { ...job, ...(policy === undefined ? {} : { policy }), ...(priority === undefined ? {} : { priority }) }
}
