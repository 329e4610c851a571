import type { NewJob } from '../contract/job.ts'
import type { Limits } from '../contract/limits.ts'
import type { Settlement } from '../contract/settlement.ts'
import { BackendError } from '../errors/backend-error.ts'

export const NAME = 'memory'

const MEBIBYTE = 1024 * 1024

export const LIMITS: Limits = Object.freeze({
  enqueueBatch: 1000,
  claimBatch: 1000,
  settleBatch: 1000,
  payloadBytes: 16 * MEBIBYTE,
  priorities: 100,
  delay: Infinity,
  retryDelay: Infinity,
  lease: Infinity,
  tick: 1,
})

/** @throws BackendError `invalid` when a call carries more than it may. */
export function checkSize(what: string, size: number, most: number): void {
  if (size > most) throw invalid(`${size} ${what} in one call; at most ${most} are taken`)
}

/** @throws BackendError `invalid` unless a lease can be told from nothing. */
export function checkLease(lease: number): void {
  if (!(lease >= LIMITS.tick)) throw invalid(`a lease of ${lease} ms; the shortest is ${LIMITS.tick}`)
}

/** Why a job cannot be taken as it is. */
export function refuseJob(job: NewJob): BackendError | undefined {
  const { priority, delay } = job
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority < LIMITS.priorities)) {
    return invalid(`job ${job.id} has priority ${priority}; valid are the integers from 0 to ${LIMITS.priorities - 1}`)
  }
  if (delay !== undefined && !(delay >= 0))
    return invalid(`job ${job.id} has delay ${delay}; give milliseconds from 0 up`)
  return refuseValue(job.payload, `the payload of job ${job.id}`)
}

/** Why a settlement cannot be taken as it is. */
export function refuseSettlement(settlement: Settlement): BackendError | undefined {
  const { to, then, lease } = settlement
  if (to === 'waiting' ? !(settlement.delay >= 0) : !(settlement.keep >= 0)) {
    return invalid(
      `the settlement of job ${lease.id} has no valid ${to === 'waiting' ? 'delay' : 'keep'}; give milliseconds from 0 up`,
    )
  }
  if (to === 'completed' && settlement.result !== undefined) {
    const refused = refuseValue(settlement.result, `the result of job ${lease.id}`)
    if (refused !== undefined) return refused
  }
  if ((to === 'dead' || to === 'waiting') && settlement.error !== undefined) {
    const refused = refuseValue(settlement.error, `the error of job ${lease.id}`)
    if (refused !== undefined) return refused
  }
  return then === undefined ? undefined : refuseFollowers(then, lease.id)
}

/** Why these jobs cannot follow from the outcome of job `id`. */
export function refuseFollowers(then: readonly NewJob[], id: string): BackendError | undefined {
  if (then.length > LIMITS.enqueueBatch)
    return invalid(`${then.length} jobs follow job ${id}; at most ${LIMITS.enqueueBatch} may`)
  for (const job of then) {
    const refused = refuseJob(job)
    if (refused !== undefined) return refused
  }
  return undefined
}

/** Why a value cannot be stored. A UTF-16 code unit is at most three bytes of UTF-8, so short ones are not measured. */
export function refuseValue(value: string, what: string): BackendError | undefined {
  if (value.length * 3 <= LIMITS.payloadBytes) return undefined
  const bytes = Buffer.byteLength(value)
  if (bytes <= LIMITS.payloadBytes) return undefined
  return new BackendError('too-large', NAME, `${what} has ${bytes} bytes; at most ${LIMITS.payloadBytes} are taken`)
}

function invalid(problem: string): BackendError {
  return new BackendError('invalid', NAME, problem)
}
