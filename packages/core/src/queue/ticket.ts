import type { Features } from '../contract/features.ts'
import type { JobId, JobRecord, JobState } from '../contract/job.ts'
import type { Cancellation } from '../contract/operator.ts'
import type { Duration } from '../time/duration.ts'
import type { NoState, Unsupported } from './gate.ts'

/** The caller's handle to an enqueued job. */
export interface Ticket<Output = unknown> {
  readonly id: JobId
  /** The enqueue made no new job: one with the same id or unique key stands for it, and this is its ticket. */
  readonly duplicate: boolean
  /** `unknown`: there is no record of it (any more). */
  status(): Promise<JobState | 'unknown'>
  /** Everything that is known of the job. */
  record(): Promise<JobRecord | undefined>
  /**
   * Waits until the job has finished and gives its result.
   * @throws JobDeadError, JobCancelledError, JobNotFoundError; ResultTimeoutError after `timeout` (default: never); the signal's reason when it aborts.
   */
  result(options?: ResultOptions): Promise<Output>
  /** Cancels the job, or asks its worker to. Notifies by the rules of the definition. */
  cancel(): Promise<Cancellation>
}

export interface ResultOptions {
  readonly timeout?: Duration
  readonly signal?: AbortSignal
}

/** The ticket of a backend that only moves jobs. */
export interface BareTicket {
  readonly id: JobId
  readonly duplicate: boolean
  readonly status: Unsupported<NoState>
  readonly record: Unsupported<NoState>
  readonly result: Unsupported<NoState>
  readonly cancel: Unsupported<NoState>
}

export type TicketOf<F extends Features, Output> = [F['state']] extends [false] ? BareTicket : Ticket<Output>

/** What became of one job of `enqueueMany`. */
export type Receipt<T> =
  | { readonly status: 'enqueued'; readonly ticket: T }
  | { readonly status: 'duplicate'; readonly of: JobId; readonly ticket: T }
  | { readonly status: 'refused'; readonly error: Error }
