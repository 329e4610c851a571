/** Bits of `flags`. The first two never change. */
export const UNIQUE = 1
export const GROUP = 2
/** Someone asked to cancel it. */
export const CANCEL = 4
/** The head of its group, and claimed since it joined: it stays head until it is finished. */
export const STARTED = 8
/** The worker has reported that the handler is about to be called. */
export const BEGUN = 16

/** What changes about a job while it lives. Jobs that have all of it in common share a row. */
export interface Traits {
  readonly flags: number
  readonly attempt: number
  readonly failures: number
  readonly crashes: number
  readonly redrives: number
  readonly claimedAt: number | null
}

export const NEW: Traits = Object.freeze({
  flags: 0,
  attempt: 0,
  failures: 0,
  crashes: 0,
  redrives: 0,
  claimedAt: null,
})
