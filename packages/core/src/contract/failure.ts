/**
 * - `unavailable`: not reached, or no answer in time; trying again makes sense.
 * - `throttled`: reached, but asked to slow down.
 * - `full`: no space left for new jobs.
 * - `too-large`, `invalid`: the item can never be accepted as it is.
 * - `denied`: a right is missing. `not-found`: the queue, table or server object is missing.
 * - `unsupported`: the server lacks what is asked of it (a version, a setting).
 * - `closed`: the backend was not opened, or is closed.
 * - `internal`: the adapter met something it does not know.
 */
export type BackendFailureCode =
  | 'unavailable'
  | 'throttled'
  | 'full'
  | 'too-large'
  | 'invalid'
  | 'denied'
  | 'not-found'
  | 'unsupported'
  | 'closed'
  | 'internal'

/** How every failure of a backend looks; `BackendError` is the class that adapters construct. */
export interface BackendFailure extends Error {
  readonly code: BackendFailureCode
  /** The backend's name. */
  readonly backend: string
  /** `unknown`: the call may have been applied, and may be repeated with the same ids and tokens. `none`: it was not applied. */
  readonly outcome: 'none' | 'unknown'
  /** Whether the same call may succeed later without anyone changing anything. */
  readonly retryable: boolean
}
