import type { Message } from '@aws-sdk/client-sqs'
import type { Clock, JobId, Lease, Ms } from '@jobport/core/adapter'
import { LONGEST_RECEIPT } from './limits.ts'
import type { Counts } from './message/counts.ts'

/** A message that was received here and is not settled. */
export interface Held {
  readonly id: JobId
  readonly queue: string
  readonly url: string
  readonly handle: string
  /** As it was received: a dead job's message is sent on. */
  readonly message: Message
  readonly group: string | undefined
  readonly counts: Counts
  readonly blob: string | undefined
  /** Monotonic, before the request that received it. */
  readonly receivedAt: Ms
  /** Until then the handle is surely ours. */
  until: Ms
}

/** Before SQS takes a message back for good, so that no extension comes too late. */
const MARGIN: Ms = 60_000
/** Entries looked at when one is added, to drop those whose lease ran out. */
const STEPS = 2

/**
 * The messages that this process holds, by their tokens. A settlement names only the lease; SQS needs the handle, and the dead-letter queue the whole message. It also
 * knows whether the handle is still ours, which SQS does not tell.
 */
export class HeldMessages {
  readonly #clock: Clock
  readonly #held = new Map<string, Held>()
  #sweep = this.#held.entries()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#held.size
  }

  add(token: string, held: Held): void {
    this.#drop()
    this.#held.set(token, held)
  }

  /** What the token names; `undefined` when it was settled, or its lease has run out, or it never was ours. */
  find({ id, queue, token }: Lease): Held | undefined {
    const held = this.#held.get(token)
    if (held === undefined || held.id !== id || held.queue !== queue || held.until <= this.#clock.now())
      return undefined
    return held
  }

  delete(token: string): void {
    this.#held.delete(token)
  }

  /** How much longer SQS leaves the message to us, at most. */
  left(held: Held): Ms {
    return held.receivedAt + LONGEST_RECEIPT - MARGIN - this.#clock.now()
  }

  #drop(): void {
    const now = this.#clock.now()
    for (let step = 0; step < STEPS; step++) {
      const { value, done } = this.#sweep.next()
      if (done === true) {
        this.#sweep = this.#held.entries()
        return
      }
      if (value[1].until <= now) this.#held.delete(value[0])
    }
  }
}
