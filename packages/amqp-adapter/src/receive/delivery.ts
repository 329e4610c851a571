import { claimId, token, type ClaimedJob, type Ms } from '@jobport/core/adapter'
import type { ConsumeMessage } from 'amqplib'
import type { Envelope } from '../wire/envelope.ts'
import type { Incoming } from '../wire/incoming.ts'
import type { Consumer } from './consumer.ts'

/** A job that the server has handed to this process and waits to hear of. */
export interface Delivery {
  readonly tag: number
  readonly envelope: Envelope
  /** Deliveries before this one that nobody settled, as far as the queue counts them. */
  readonly returns: number
  /** Absent where it was fetched, not sent. */
  readonly consumer: Consumer | undefined
  /** Monotonic. */
  readonly arrivedAt: Ms
}

/** A delivery that was claimed. */
export interface Held {
  readonly delivery: Delivery
  /** This claim included. */
  readonly attempt: number
  readonly token: string
  /** When the lease ends, in monotonic time. */
  deadline: Ms
  /** Its outcome is on its way; meanwhile it is not given back. */
  isSettling: boolean
}

/** While an outcome is on its way its lease is looked at again and again. */
const SHORTEST_LOOK: Ms = 50

/** When to look again at a lease that is not over, or whose outcome is on its way. */
export function lookAgain({ deadline }: Held, now: Ms): Ms {
  return Math.max(deadline, now + SHORTEST_LOOK)
}

/** Quorum queues count deliveries; of a classic queue it is only known that there was another one. */
export function returnsOf({ properties, fields }: Incoming): number {
  const count: unknown = properties.headers?.['x-delivery-count']
  return typeof count === 'number' ? count : fields.redelivered ? 1 : 0
}

/** Names the deliveries of one channel: tags begin anew with each. */
export class Tokens {
  readonly #generation = claimId()

  of(attempt: number, tag: number): string {
    return token(attempt, `${this.#generation}.${tag}`)
  }
}

export function claimed(queue: string, { delivery, attempt, token: text }: Held): ClaimedJob {
  const { envelope, returns } = delivery
  const job: { -readonly [K in keyof ClaimedJob]: ClaimedJob[K] } = {
    lease: { id: envelope.id, queue, token: text },
    name: envelope.name,
    payload: envelope.content.toString(),
    headers: envelope.headers === undefined ? {} : (JSON.parse(envelope.headers) as Record<string, string>),
    attempt,
    failures: envelope.failures,
    // The queue does not tell a crash from a job that was given back; so all of it is blamed on the job once at most.
    crashes: envelope.crashes + (returns > 0 ? 1 : 0),
    redrives: envelope.redrives,
    enqueuedAt: envelope.enqueuedAt,
  }
  if (envelope.policy !== undefined) job.policy = envelope.policy
  if (envelope.group !== undefined) job.group = envelope.group
  if (envelope.priority > 0) job.priority = envelope.priority
  return job
}

/** All that the driver wants to know of a message that is answered. */
export function tagged(deliveryTag: number): ConsumeMessage {
  return { fields: { deliveryTag } } as ConsumeMessage
}
