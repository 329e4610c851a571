import type { BackendFailure } from './failure.ts'
import type { Encoded, Lease, Ms, NewJob } from './job.ts'

/** What becomes of a claimed job. Everything is decided; the backend only has to make it durable, in one atomic step. */
export type Settlement = Completed | Dead | Cancelled | Returned

interface Ending {
  readonly lease: Lease
  /** Jobs that follow from this outcome, stored in the same write. A follower whose id exists already is left as it is. */
  readonly then?: readonly NewJob[]
}

export interface Completed extends Ending {
  readonly to: 'completed'
  readonly result?: Encoded
  /** How long the record stays readable; 0 drops it at once (its id and token stay known for `TOMBSTONE` all the same). */
  readonly keep: Ms
}

export interface Dead extends Ending {
  readonly to: 'dead'
  readonly error: Encoded
  readonly keep: Ms
}

export interface Cancelled extends Ending {
  readonly to: 'cancelled'
  readonly keep: Ms
}

/** A retry, a snooze or a release: the job is claimable again after `delay`, ahead of its juniors where the backend keeps an order. */
export interface Returned extends Ending {
  readonly to: 'waiting'
  readonly delay: Ms
  readonly error?: Encoded
  readonly counts: 'failure' | 'nothing'
}

/**
 * - `applied`: it is so, also when this very token settled the job in an earlier call whose reply was lost.
 * - `lost`: the token is stale or the job is gone; nothing was changed.
 * - `unknown`: the backend cannot tell (an acknowledgement that is never confirmed).
 * - a failure: this entry was not applied; the others may have been.
 */
export type Settled = 'applied' | 'lost' | 'unknown' | BackendFailure

/**
 * As `Settled`; `cancelled`: the lease was extended and someone asked to cancel the job. `unknown`: the job is held, but somebody is busy with its lease, mostly to
 * settle others that have it in common, so it may not have been extended; to be asked for again soon.
 */
export type Extended = Settled | 'cancelled'

/** News of a job that is being worked on. */
export interface Report {
  readonly lease: Lease
  /** The handler is about to be called. Core reports it of jobs that have crashed before; if the lease runs out now, `crashes` grows. */
  readonly begun?: true
  readonly progress?: Encoded
  /** Appended to the record's log lines. */
  readonly logs?: readonly Encoded[]
}
