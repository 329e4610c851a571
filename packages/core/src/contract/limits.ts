import type { Ms } from './job.ts'

/** How far a backend can go. Core checks every value against these before any I/O and cuts its batches by them. */
export interface Limits {
  /** Jobs in one `enqueue`, follow-ups in one settlement. */
  readonly enqueueBatch: number
  /** Jobs in one answer of `claim`. */
  readonly claimBatch: number
  /** Entries in one `settle`, `extend` or `report`. */
  readonly settleBatch: number
  /** UTF-8 bytes of one encoded payload, result, error or progress value. */
  readonly payloadBytes: number
  /** Number of priorities: valid are the integers 0 (default, last) to `priorities - 1` (first). 1 without the feature. */
  readonly priorities: number
  /** Longest delay of a new job; `Infinity` where there is no end. 0 without the feature. */
  readonly delay: Ms
  /** Longest delay of a retry. */
  readonly retryDelay: Ms
  /** Longest lease of one claim or extension. */
  readonly lease: Ms
  /** The smallest duration that the backend can tell apart: 1 in memory, 1000 on SQS. The shortest lease. */
  readonly tick: Ms
}
