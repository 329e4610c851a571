import type { Backend } from '../contract/backend.ts'
import type { JobId, Ms } from '../contract/job.ts'
import type { JobInfo } from '../definition/job-info.ts'
import type { Worker } from './worker.ts'

/** Facts that travel with a job. */
export type JobHeaders = Readonly<Record<string, string>>

/**
 * What measures and traces a queue and a worker, such as that of `@jobport/telemetry`. Every member is optional, and one that is missing costs nothing.
 * None may throw.
 */
export interface Instrumentation {
  /** A worker was made with it: the place to listen to its events. `jobs`: those that it has handlers for. `backend`: where it gets them. */
  readonly attach?: (worker: Worker, jobs: readonly Pick<JobInfo, 'queue' | 'name'>[], backend: Backend) => void
  /** The worker has closed. */
  readonly detach?: (worker: Worker) => void
  /** A claim brought jobs, `took` after it was sent; it may have waited for them. Not called for one that brought none. */
  readonly received?: (queue: string, jobs: readonly JobInfo[], took: Ms) => void
  /**
   * The backend has answered what becomes of these jobs, `took` after it was asked, or could not be asked, for the reason of `error`. They may belong
   * to several queues.
   */
  readonly settled?: (jobs: readonly JobInfo[], took: Ms, error?: unknown) => void
  /**
   * A job is completed, and that is stored; its handler ran for `took`. What the event `completed` tells, for who counts every job and must not slow
   * it down: nothing is made for the call.
   */
  readonly completed?: (queue: string, name: string, took: Ms) => void
  /**
   * Stands around an enqueue, in the async context of whoever enqueues. Calls `send` once, with headers to add to those of the jobs, and answers with
   * what it answers. JobHeaders that the enqueue gives itself win.
   */
  readonly send?: <T extends Sent>(sending: Sending, send: (headers?: JobHeaders) => Promise<T>) => Promise<T>
  /**
   * Stands around the call of a handler. Calls `run` once, at once or later, and answers with what it answers, a promise or not, or throws what it throws.
   * The headers go on to all that follows from the jobs: follow-ups, followers and notifications. `jobs`: one, or those of a batch.
   */
  readonly process?: (jobs: readonly JobInfo[], run: (headers?: JobHeaders) => unknown) => unknown
}

/** What is being enqueued. */
export interface Sending {
  readonly queue: string
  /** Of the job definition. */
  readonly name: string
  readonly count: number
}

/** The ticket of one job, or a receipt for each of many. */
export type Sent = SentJob | readonly SentOne[]

interface SentJob {
  readonly id: JobId
  readonly duplicate: boolean
}

type SentOne =
  | { readonly status: 'enqueued' | 'duplicate'; readonly ticket: SentJob }
  | { readonly status: 'refused'; readonly error: Error }
