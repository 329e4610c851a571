import type { FinalState, JobId, Ms, NewJob } from './job.ts'

/** What a person, or a program on a person's behalf, does to jobs and queues. Every verb may be repeated. */
export interface Operator {
  /** Waiting and scheduled jobs are cancelled at once; for an active one the wish is noted and reaches its worker with the next `extend`. */
  cancel(requests: readonly CancelRequest[]): Promise<readonly Cancellation[]>
  /**
   * Makes jobs claimable now: finished ones start over with no failures and no crashes and one `redrives` more, scheduled ones lose
   * their delay. `false`: unknown, or waiting or active already.
   */
  retry(ids: readonly JobId[]): Promise<readonly boolean[]>
  /** Drops the records of jobs that are not active. `false`: unknown or active. */
  remove(ids: readonly JobId[]): Promise<readonly boolean[]>
  /** Nothing more is claimed from the queue until `resume`; running jobs go on. Survives restarts. */
  pause(queue: string): Promise<void>
  resume(queue: string): Promise<void>
  /** Drops up to `limit` jobs of a queue in that state. Answers how many; call again while that equals the limit. */
  purge(request: PurgeRequest): Promise<number>
}

export interface CancelRequest {
  readonly id: JobId
  /** How long the cancelled record stays readable. */
  readonly keep: Ms
  /** Follow-ups of the cancellation, stored if and only if the answer is `cancelled`. */
  readonly then?: readonly NewJob[]
}

/** `requested`: the job is active and its worker will be told. `finished`: too late. */
export type Cancellation = 'cancelled' | 'requested' | 'finished' | 'not-found'

export interface PurgeRequest {
  readonly queue: string
  readonly state: 'waiting' | 'scheduled' | FinalState
  readonly limit: number
}
