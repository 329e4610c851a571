import type { ClaimRequest } from '../contract/backend.ts'
import type { Ms, NewJob } from '../contract/job.ts'
import type { Limits } from '../contract/limits.ts'
import type { Settlement } from '../contract/settlement.ts'
import { BackendError } from '../errors/backend-error.ts'

/**
 * Holds what a backend is asked to do against its limits. Core does so too; an adapter must all the same, since not only core may call it.
 * `check…` throws for a whole call, `refuse…` answers why one of its entries cannot be taken.
 */
export class Admission {
  readonly #backend: string
  readonly #limits: Limits

  constructor(backend: string, limits: Limits) {
    this.#backend = backend
    this.#limits = limits
  }

  /** @throws BackendError `invalid` when a call carries more than it may. */
  checkSize(what: string, size: number, most: number): void {
    if (size > most) throw this.#invalid(`${size} ${what} in one call; at most ${most} are taken`)
  }

  /** @throws BackendError `invalid` unless the request can be served. */
  checkClaim(request: Pick<ClaimRequest, 'limit' | 'lease'>): void {
    this.checkSize('jobs', request.limit, this.#limits.claimBatch)
    this.checkLease(request.lease)
  }

  /** @throws BackendError `invalid` unless a lease can be told from nothing. */
  checkLease(lease: Ms): void {
    if (!(lease >= this.#limits.tick))
      throw this.#invalid(`a lease of ${lease} ms; the shortest is ${this.#limits.tick}`)
  }

  refuseJob({ id, priority, delay, payload }: NewJob): BackendError | undefined {
    const { priorities } = this.#limits
    if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority < priorities)) {
      return this.#invalid(`job ${id} has priority ${priority}; valid are the integers from 0 to ${priorities - 1}`)
    }
    if (delay !== undefined && !(delay >= 0)) {
      return this.#invalid(`job ${id} has delay ${delay}; give milliseconds from 0 up`)
    }
    return this.#isShort(payload) ? undefined : this.refuseValue(payload, 'the payload', id)
  }

  refuseSettlement(settlement: Settlement): BackendError | undefined {
    const { to, then, lease } = settlement
    if (to === 'waiting' ? !(settlement.delay >= 0) : !(settlement.keep >= 0)) {
      const duration = to === 'waiting' ? 'delay' : 'keep'
      return this.#invalid(`the settlement of job ${lease.id} has no valid ${duration}; give milliseconds from 0 up`)
    }
    const refused =
      to === 'completed'
        ? this.refuseValue(settlement.result, 'the result', lease.id)
        : to === 'cancelled'
          ? undefined
          : this.refuseValue(settlement.error, 'the error', lease.id)
    return refused ?? this.refuseFollowers(then, lease.id)
  }

  /** Why these jobs cannot follow from the outcome of job `id`. */
  refuseFollowers(then: readonly NewJob[] | undefined, id: string): BackendError | undefined {
    if (then === undefined) return undefined
    const { enqueueBatch } = this.#limits
    if (then.length > enqueueBatch)
      return this.#invalid(`${then.length} jobs follow job ${id}; at most ${enqueueBatch} may`)
    for (const job of then) {
      const refused = this.refuseJob(job)
      if (refused !== undefined) return refused
    }
    return undefined
  }

  /** Why a value of job `id` cannot be stored. */
  refuseValue(value: string | undefined, what: string, id: string): BackendError | undefined {
    if (value === undefined || this.#isShort(value)) return undefined
    const bytes = Buffer.byteLength(value)
    const { payloadBytes } = this.#limits
    if (bytes <= payloadBytes) return undefined
    return new BackendError(
      'too-large',
      this.#backend,
      `${what} of job ${id} has ${bytes} bytes; at most ${payloadBytes} are taken`,
    )
  }

  /** A UTF-16 code unit is at most three bytes of UTF-8, so short texts need not be measured. */
  #isShort(text: string): boolean {
    return text.length * 3 <= this.#limits.payloadBytes
  }

  #invalid(problem: string): BackendError {
    return new BackendError('invalid', this.#backend, problem)
  }
}
