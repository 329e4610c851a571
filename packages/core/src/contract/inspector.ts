import type { FinalState, JobId, JobRecord, JobState, Ms } from './job.ts'

/** Reads without changing anything. */
export interface Inspector {
  /** By index; `undefined` for an id that is unknown, or whose record is gone. */
  find(ids: readonly JobId[]): Promise<readonly (JobRecord | undefined)[]>
  /** A page of the jobs that match, oldest first. A job that changes its state while a reader pages may be missed or met twice. */
  list(query: ListQuery): Promise<Page>
  counts(queue: string): Promise<QueueCounts>
  /** The names of all queues that hold a record, sorted. */
  queues(): Promise<readonly string[]>
  /**
   * Calls back for each job that reaches a final state from now on, exactly once for each time it does, in batches, whichever process
   * settled it. Resolves once watching has begun, with a function that ends it.
   */
  watch(listener: (finished: readonly Finished[]) => void): Promise<() => Promise<void>>
}

export interface ListQuery {
  readonly queue: string
  readonly state: JobState
  /** Only jobs of this name. */
  readonly name?: string
  readonly limit: number
  /** The `next` of the page before. */
  readonly after?: string
}

export interface Page {
  readonly jobs: readonly JobRecord[]
  /** Opaque; absent on the last page. */
  readonly next?: string
}

export interface QueueCounts extends Readonly<Record<JobState, number>> {
  /** Age, since its enqueue, of the oldest job that waits to be claimed; 0 when none does. */
  readonly oldest: Ms
  readonly paused: boolean
}

export interface Finished {
  readonly id: JobId
  readonly queue: string
  readonly state: FinalState
}
