import type { ClaimedJob, NewJob } from '../contract/job.ts'
import type { Limits } from '../contract/limits.ts'

/** The header by which a worker knows a message whose job is in the store. It says where the payload is, and which job of that id it is. */
const MARK = 'jobport-store'

const IN_MESSAGE = 'message:'
const IN_STORE = 'store:'

/** What a message has for a payload that is read from the store: JSON, like any. */
const ELSEWHERE = 'null'

/** What the broker is given of a job: nothing that the store looks after. */
export function messageOf(job: NewJob, origin: string, stored: boolean, { priorities }: Limits): NewJob {
  const message: { -readonly [K in keyof NewJob]: NewJob[K] } = {
    id: job.id,
    queue: job.queue,
    name: job.name,
    payload: stored ? ELSEWHERE : job.payload,
    headers: { ...job.headers, [MARK]: `${stored ? IN_STORE : IN_MESSAGE}${origin}` },
  }
  if (job.policy !== undefined) message.policy = job.policy
  if (job.delay !== undefined && job.delay > 0) message.delay = job.delay
  if (job.priority !== undefined && job.priority > 0) message.priority = Math.min(job.priority, priorities - 1)
  if (job.resent !== undefined) message.resent = job.resent
  return message
}

export function fits(payload: string, { payloadBytes }: Limits): boolean {
  return payload.length * 3 <= payloadBytes || Buffer.byteLength(payload) <= payloadBytes
}

/** Whether nobody knows the job but the broker: it was sent by a client without a store. */
export function isForeign({ headers }: ClaimedJob): boolean {
  return headers[MARK] === undefined
}

/** Whether the message says all of the job that began. */
export function isWhole({ headers }: ClaimedJob, origin: string): boolean {
  const mark = headers[MARK]
  return mark === undefined || mark === `${IN_MESSAGE}${origin}`
}

/** A foreign message as the job that the store is to know. */
export function adopted({ lease, name, payload, headers, policy, priority }: ClaimedJob): NewJob {
  const job = { id: lease.id, queue: lease.queue, name, payload, headers }
  return { ...job, ...(policy === undefined ? {} : { policy }), ...(priority === undefined ? {} : { priority }) }
}

/** The headers as they were given. */
export function withoutMark({ headers }: ClaimedJob): Readonly<Record<string, string>> {
  const { [MARK]: _, ...own } = headers
  return own
}
