import type { Features, Limits, Ms } from '@jobport/core/adapter'

export const NAME = 'sqs'

const NEITHER = {
  state: false,
  results: false,
  priority: false,
  unique: false,
  fifo: false,
  atomicFollowUps: false,
  transactions: false,
} as const

/** A standard queue delays messages by up to 15 minutes, and keeps no order. */
export const STANDARD = Object.freeze({ ...NEITHER, delay: true, group: false } as const satisfies Features)

/** A FIFO queue keeps the order of each group, none between groups, and delays nothing. */
export const FIFO = Object.freeze({ ...NEITHER, delay: false, group: true } as const satisfies Features)

/** What a backend can do follows from the kind of its queues. */
export type SqsFeatures<Fifo extends boolean> = [Fifo] extends [true]
  ? typeof FIFO
  : [Fifo] extends [false]
    ? typeof STANDARD
    : typeof FIFO | typeof STANDARD

/** Entries in one request. */
export const REQUEST_ENTRIES = 10
/** Bytes of a message, and of all messages of one request: bodies with their attributes. */
export const REQUEST_BYTES = 1_048_576
/** SQS takes a message back so long after it was received, however often its visibility was extended. */
export const LONGEST_RECEIPT: Ms = 12 * 3_600_000

const HOUR: Ms = 3_600_000
/** What is left of a message for the facts about the job, its headers, and the error of a dead one. */
const ROOM = 64 * 1024
/** Claim-checked payloads pass through memory whole. */
const CHECKED_BYTES = 64 * 1024 * 1024

export function limitsOf(fifo: boolean, claimCheck: boolean): Limits {
  return Object.freeze({
    enqueueBatch: 1000,
    claimBatch: 200,
    settleBatch: 1000,
    payloadBytes: claimCheck ? CHECKED_BYTES : REQUEST_BYTES - ROOM,
    priorities: 1,
    delay: fifo ? 0 : 900_000,
    // Short of the twelve hours, so that a lease can be extended or a retry put off some time after the claim.
    retryDelay: 11 * HOUR,
    lease: 11 * HOUR,
    tick: 1000,
  })
}

/** SQS counts whole seconds. */
export function seconds(duration: Ms): number {
  return Math.ceil(duration / 1000)
}
