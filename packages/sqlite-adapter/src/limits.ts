import { Admission, type Features, type Limits, type Ms } from '@jobport/core/adapter'

export const NAME = 'sqlite'

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
  // SQLite's own limit is 1 GB; a row is read and written whole, so far smaller ones are advisable.
  payloadBytes: 16 * 1024 * 1024,
  priorities: 2 ** 31,
  delay: FOREVER,
  retryDelay: FOREVER,
  lease: FOREVER,
  tick: 1,
})

export const ADMISSION = new Admission(NAME, LIMITS)

/** The timestamp at which a duration that begins now is over. */
export function after(now: number, duration: Ms): number {
  return now + Math.min(Math.ceil(duration), FOREVER)
}
