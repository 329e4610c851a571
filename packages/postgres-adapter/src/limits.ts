import { Admission, type Features, type Limits, type Ms } from '@jobport/core/adapter'

export const NAME = 'postgres'

export const FEATURES = Object.freeze({
  state: true,
  results: true,
  delay: true,
  priority: true,
  unique: true,
  group: true,
  fifo: true,
  atomicFollowUps: true,
  transactions: true,
} as const satisfies Features)

/** Longer durations are taken as this one, about 70,000 years: sums with a timestamp stay exact. */
const FOREVER: Ms = 2 ** 51

export const LIMITS: Limits = Object.freeze({
  enqueueBatch: 1000,
  claimBatch: 1000,
  settleBatch: 1000,
  // Postgres itself takes 1 GB; a claim answers with all payloads in one text, so a batch of such jobs must fit in memory.
  payloadBytes: 16 * 1024 * 1024,
  priorities: 2 ** 31,
  delay: FOREVER,
  retryDelay: FOREVER,
  lease: FOREVER,
  tick: 1,
})

export const ADMISSION = new Admission(NAME, LIMITS)

/** A duration as the server takes it. */
export function duration(ms: Ms): number {
  return Math.min(Math.ceil(ms), FOREVER)
}
