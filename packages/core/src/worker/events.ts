import type { Ms } from '../contract/job.ts'
import type { JobInfo } from '../definition/job-info.ts'
import type { DescribedError } from '../encoding/described-error.ts'
import type { ReturnReason } from '../retry/decide.ts'

/** Why an attempt failed. */
export interface Failure {
  /** What was thrown. */
  readonly error: unknown
  /** The same as it is stored and notified: plain, of bounded size, without credentials in URLs and without the values of `secret` fields. For logs. */
  readonly described: DescribedError
  /** How long it ran; `undefined` when it was not started. */
  readonly took: Ms | undefined
}

/** What a worker tells its listeners. Outcomes are told once they are stored. A listener that throws is reported as an `error` and harms nobody. */
export interface WorkerEvents {
  /** A handler is about to be called. */
  started: (job: JobInfo) => void
  /** `took`: how long its handler ran, up to the end of the callbacks that were due when it ended. */
  completed: (job: JobInfo, completion: { readonly took: Ms }) => void
  /** An attempt failed. `retryIn`: when the next comes; `undefined`: there is none, the job is dead. */
  failed: (job: JobInfo, failure: Failure & { readonly retryIn: Ms | undefined }) => void
  /** Failed for good. */
  dead: (job: JobInfo, death: Failure) => void
  cancelled: (job: JobInfo) => void
  /** The handler asked to run the job later. */
  snoozed: (job: JobInfo, snooze: { readonly delay: Ms }) => void
  /** Given back unharmed, without counting as a failure. */
  released: (job: JobInfo, release: { readonly reason: Exclude<ReturnReason, 'snoozed'> }) => void
  /** The attempt lost its lease; what it did changed nothing. */
  lost: (job: JobInfo) => void
  /** No handler knows the job's name. */
  unknown: (job: JobInfo) => void
  /** The handler did not stop within `abortGrace` of its signal's abort. It runs on, but its slot is free and its outcome is settled. */
  abandoned: (job: JobInfo, abandonment: { readonly reason: Error }) => void
  progress: (job: JobInfo, value: unknown) => void
  log: (job: JobInfo, message: string) => void
  /** Nothing ran on this thread for so long, so no lease could be extended. `jobs`: the names of those that did it, as far as it is known, else of all that were running. */
  blocked: (blockage: { readonly ms: Ms; readonly jobs: readonly string[] }) => void
  /** Nothing is running, held or on its way, and every queue is empty. */
  idle: () => void
  /** Something went wrong that is no job's fault. The worker goes on. Without a listener it is printed by `console.error`. */
  error: (error: unknown) => void
}
