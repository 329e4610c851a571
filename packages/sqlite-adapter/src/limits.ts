import { BackendError, type Features, type Limits, type Ms, type NewJob, type Settlement } from '@jobport/core/adapter'

export const NAME = 'sqlite'

export const FEATURES = Object.freeze({
  state: true,
  results: true,
  delay: true,
  priority: true,
  unique: true,
  group: true,
  fifo: true,
  atomicFollowUps: true,
  transactions: true,
} as const satisfies Features)

/** Longer durations are taken as this one, about 70,000 years: sums with a timestamp stay exact. */
const FOREVER: Ms = 2 ** 51

export const LIMITS: Limits = Object.freeze({
  enqueueBatch: 1000,
  claimBatch: 1000,
  settleBatch: 1000,
  // SQLite's own limit is 1 GB; a row is read and written whole, so far smaller ones are advisable.
  payloadBytes: 16 * 1024 * 1024,
  priorities: 2 ** 31,
  delay: FOREVER,
  retryDelay: FOREVER,
  lease: FOREVER,
  tick: 1,
})

/** The timestamp at which a duration that begins now is over. */
export function after(now: number, duration: Ms): number {
  return now + Math.min(Math.ceil(duration), FOREVER)
}

/** @throws BackendError `invalid` when a call carries more than it may. */
export function checkSize(what: string, size: number, most: number): void {
  if (size > most) throw invalid(`${size} ${what} in one call; at most ${most} are taken`)
}

/** @throws BackendError `invalid` unless the request can be served. */
export function checkClaim(request: { readonly limit: number; readonly lease: Ms }): void {
  checkSize('jobs', request.limit, LIMITS.claimBatch)
  checkLease(request.lease)
}

/** @throws BackendError `invalid` unless a lease can be told from nothing. */
export function checkLease(lease: Ms): void {
  if (!(lease >= LIMITS.tick)) throw invalid(`a lease of ${lease} ms; the shortest is ${LIMITS.tick}`)
}

/** Why a job cannot be taken as it is. */
export function refuseJob(job: NewJob): BackendError | undefined {
  const { priority, delay } = job
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority < LIMITS.priorities)) {
    return invalid(`job ${job.id} has priority ${priority}; valid are the integers from 0 to ${LIMITS.priorities - 1}`)
  }
  if (delay !== undefined && !(delay >= 0)) {
    return invalid(`job ${job.id} has delay ${delay}; give milliseconds from 0 up`)
  }
  return job.payload.length * 3 <= LIMITS.payloadBytes
    ? undefined
    : refuseValue(job.payload, `the payload of job ${job.id}`)
}

/** Why a settlement cannot be taken as it is. */
export function refuseSettlement(settlement: Settlement): BackendError | undefined {
  const { to, then, lease } = settlement
  if (to === 'waiting' ? !(settlement.delay >= 0) : !(settlement.keep >= 0)) {
    return invalid(
      `the settlement of job ${lease.id} has no valid ${to === 'waiting' ? 'delay' : 'keep'}; give milliseconds from 0 up`,
    )
  }
  const refused =
    to === 'completed'
      ? refuseValue(settlement.result, `the result of job ${lease.id}`)
      : to === 'cancelled'
        ? undefined
        : refuseValue(settlement.error, `the error of job ${lease.id}`)
  return refused ?? refuseFollowers(then, lease.id)
}

/** Why these jobs cannot follow from the outcome of job `id`. */
export function refuseFollowers(then: readonly NewJob[] | undefined, id: string): BackendError | undefined {
  if (then === undefined) return undefined
  if (then.length > LIMITS.enqueueBatch) {
    return invalid(`${then.length} jobs follow job ${id}; at most ${LIMITS.enqueueBatch} may`)
  }
  for (const job of then) {
    const refused = refuseJob(job)
    if (refused !== undefined) return refused
  }
  return undefined
}

/** Why a value cannot be stored. A UTF-16 code unit is at most three bytes of UTF-8, so short ones are not measured. */
export function refuseValue(value: string | undefined, what: string): BackendError | undefined {
  if (value === undefined || value.length * 3 <= LIMITS.payloadBytes) return undefined
  const bytes = Buffer.byteLength(value)
  if (bytes <= LIMITS.payloadBytes) return undefined
  return new BackendError('too-large', NAME, `${what} has ${bytes} bytes; at most ${LIMITS.payloadBytes} are taken`)
}

function invalid(problem: string): BackendError {
  return new BackendError('invalid', NAME, problem)
}
