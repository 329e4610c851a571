import type { JobId, Ms } from '../contract/job.ts'
import { JobportError } from './jobport-error.ts'

abstract class OneJobError extends JobportError {
  readonly id: JobId

  constructor(id: JobId, message: string, options?: ErrorOptions) {
    super(message, options)
    this.id = id
  }
}

/** `ticket.result()`: the job failed for good. `cause` is its last error, as its worker described it. */
export class JobDeadError extends OneJobError {
  override readonly name = 'JobDeadError'
  readonly code = 'job-dead'
}

/** `ticket.result()`: the job was cancelled. As the reason of a handler's `signal`: someone asked to cancel the job. */
export class JobCancelledError extends OneJobError {
  override readonly name = 'JobCancelledError'
  readonly code = 'job-cancelled'

  constructor(id: JobId) {
    super(id, `job ${id} was cancelled`)
  }
}

/** `ticket.result()`: there is no record of the job; it never existed, or has left after its `keep`. */
export class JobNotFoundError extends OneJobError {
  override readonly name = 'JobNotFoundError'
  readonly code = 'job-not-found'

  constructor(id: JobId) {
    super(id, `there is no record of job ${id}; its id is wrong, or it finished and its record left after its "keep"`)
  }
}

/** `ticket.result({ timeout })`: the job has not finished in that time. It goes on all the same. `cause`: the backend was away at the end. */
export class ResultTimeoutError extends OneJobError {
  override readonly name = 'ResultTimeoutError'
  readonly code = 'result-timeout'

  constructor(id: JobId, timeout: Ms, options?: ErrorOptions) {
    super(
      id,
      `job ${id} has not finished within ${timeout} ms; it goes on, so ask again or give a longer timeout`,
      options,
    )
  }
}

/** The reason of a handler's `signal`: the job ran longer than its `timeout`. Counts as a failure. */
export class JobTimeoutError extends OneJobError {
  override readonly name = 'JobTimeoutError'
  readonly code = 'job-timeout'

  constructor(id: JobId, timeout: Ms) {
    super(id, `job ${id} ran longer than its timeout of ${timeout} ms`)
  }
}

/** The reason of a handler's `signal`, and what `job.complete(tx)` throws: another worker may hold the job now. Nothing this attempt does changes it any more. */
export class LeaseLostError extends OneJobError {
  override readonly name = 'LeaseLostError'
  readonly code = 'lease-lost'

  constructor(id: JobId, attempt: number) {
    super(id, `attempt ${attempt} of job ${id} lost its lease; another worker may be running the job`)
  }
}

/** The reason of a handler's `signal`: the worker is closing and its grace period is over. Costs no failure. */
export class ShutdownError extends OneJobError {
  override readonly name = 'ShutdownError'
  readonly code = 'shutdown'

  constructor(id: JobId) {
    super(id, `the worker of job ${id} is closing; the job goes back to its queue`)
  }
}

/** A job took its worker down with it as often as `maxCrashes` allows. */
export class JobCrashedError extends OneJobError {
  override readonly name = 'JobCrashedError'
  readonly code = 'job-crashed'

  constructor(id: JobId, crashes: number) {
    super(
      id,
      `${crashes} attempts of job ${id} ended without a word: its worker crashed, was killed, or lost the backend for longer than the lease`,
    )
  }
}

/** `worker.close()`: the backend was away, so the outcomes of these jobs could not be stored. They run again when their leases end. */
export class UnsettledError extends JobportError {
  override readonly name = 'UnsettledError'
  readonly code = 'unsettled'
  readonly ids: readonly JobId[]

  constructor(ids: readonly JobId[], options?: ErrorOptions) {
    super(
      `the outcomes of ${ids.length} jobs could not be stored before the worker closed; they run again: ${ids.join(', ')}`,
      options,
    )
    this.ids = ids
  }
}

/** No handler of the worker knows the job's name, and the worker was told to end such jobs. */
export class UnknownJobError extends OneJobError {
  override readonly name = 'UnknownJobError'
  readonly code = 'unknown-job'

  constructor(id: JobId, job: string) {
    super(id, `no handler for jobs named ${job}; add handle(${job}, …) to a worker of this queue`)
  }
}
