/** Bits of `flags`. */
export const UNIQUE = 1
export const GROUP = 2
export const CANCEL = 4

/** What changes about a job while it lives. Jobs that have all of it in common share a row. */
export interface Traits {
  readonly flags: number
  readonly attempt: number
  readonly failures: number
  readonly crashes: number
  readonly redrives: number
  readonly claimedAt: number | null
}

export const NEW: Traits = Object.freeze({ flags: 0, attempt: 0, failures: 0, crashes: 0, redrives: 0, claimedAt: null })
