import { Admission, type Features, type Limits, type Ms } from '@jobport/core/adapter'

export const NAME = 'redis'

export const FEATURES = Object.freeze({
  state: true,
  results: true,
  delay: true,
  priority: true,
  unique: true,
  group: true,
  fifo: true,
  atomicFollowUps: true,
  transactions: false,
} as const satisfies Features)

/** Longer durations are taken as this one, about 70,000 years: sums with a timestamp stay exact in a sorted set. */
const FOREVER: Ms = 2 ** 51

export const LIMITS: Limits = Object.freeze({
  enqueueBatch: 1000,
  // Server and worker do their parts at the same time: of 1000, each would wait for the other's whole part.
  claimBatch: 500,
  settleBatch: 1000,
  // Redis itself takes 512 MB. It has one thread, so all others wait while a large value is read or written.
  payloadBytes: 16 * 1024 * 1024,
  priorities: 2 ** 31,
  delay: FOREVER,
  retryDelay: FOREVER,
  lease: FOREVER,
  tick: 1,
})

export const ADMISSION = new Admission(NAME, LIMITS)

/** A duration as scripts take it. */
export function span(duration: Ms): number {
  return Math.min(Math.ceil(duration), FOREVER)
}
