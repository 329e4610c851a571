import type { Enqueued, Mover } from '../contract/backend.ts'
import type { JobId, NewJob } from '../contract/job.ts'
import type { Settled, Settlement } from '../contract/settlement.ts'
import { BackendError } from '../errors/backend-error.ts'
import { ADMISSION, NAME } from './limits.ts'
import type { Row } from './row.ts'
import type { Space } from './space.ts'

/** What `within` takes: enqueues and settlements that become visible all at once, or never. */
export interface MemoryTransaction {
  /**
   * Applies everything, at one moment, in the order of the calls.
   * @throws BackendError `invalid` when a lease was lost meanwhile or a unique key taken, and nothing is applied; or when the transaction is over.
   */
  commit(): Promise<void>
  /** Forgets everything. Harmless when the transaction is over. */
  rollback(): Promise<void>
}

type Step = { readonly settlement: Settlement } | { readonly job: NewJob; readonly follows: boolean }

/**
 * Collects what was called and answers by how things stand at that time, its own steps included. How they stand is checked again by the
 * commit, before the first step is applied.
 */
export class BufferedTransaction implements MemoryTransaction, Pick<Mover, 'enqueue' | 'settle'> {
  readonly space: Space
  readonly #check: () => void
  readonly #steps: Step[] = []
  readonly #ids = new Set<JobId>()
  /** Who holds a unique key by this transaction. */
  readonly #keys = new Map<string, JobId>()
  /** The tokens that this transaction has settled, and which jobs it finishes. */
  readonly #tokens = new Map<JobId, string>()
  readonly #finished = new Set<JobId>()
  #over = false

  constructor(space: Space, check: () => void) {
    this.space = space
    this.#check = check
  }

  async enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    this.#begin()
    return jobs.map((job) => this.#add(job, false))
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    this.#begin()
    return settlements.map((settlement) => this.#settle(settlement))
  }

  async commit(): Promise<void> {
    this.#begin()
    this.#over = true
    for (const step of this.#steps) this.#verify(step)
    for (const step of this.#steps) {
      if ('job' in step) this.space.add(step.job)
      else this.space.settle(step.settlement)
    }
    this.space.end(this.#steps.length)
  }

  async rollback(): Promise<void> {
    this.#over = true
  }

  #begin(): void {
    this.#check()
    if (this.#over) throw conflict('the transaction is over; begin another')
    this.space.begin()
  }

  #add(job: NewJob, follows: boolean): Enqueued {
    const key = job.unique === undefined ? undefined : `${job.queue}\0${job.unique.key}`
    const holder = this.#ids.has(job.id) ? job.id : key === undefined ? undefined : this.#keys.get(key)
    if (holder !== undefined) return { status: 'duplicate', of: holder }
    const objection = this.#objection(job)
    if (objection !== undefined) return objection
    this.#ids.add(job.id)
    if (key !== undefined) this.#keys.set(key, job.id)
    this.#steps.push({ job, follows })
    return { status: 'enqueued' }
  }

  #settle(settlement: Settlement): Settled {
    const { lease, then = [] } = settlement
    if (this.#tokens.get(lease.id) === lease.token) return 'applied'
    if (this.space.held(lease) === undefined) return this.space.afterwards(lease)
    const refused = ADMISSION.refuseSettlement(settlement)
    if (refused !== undefined) return refused
    this.#tokens.set(lease.id, lease.token)
    if (settlement.to !== 'waiting') this.#finished.add(lease.id)
    this.#steps.push({ settlement: { ...settlement, then: [] } })
    for (const job of then) this.#add(job, true)
    return 'applied'
  }

  /** What stands against a job, apart from the key of a job that this transaction finishes. */
  #objection(job: NewJob): ReturnType<Space['objection']> {
    const objection = this.space.objection(job)
    if (objection?.status !== 'duplicate' || objection.of === job.id || !this.#finished.has(objection.of))
      return objection
    return this.#freesKey(this.space.get(objection.of)) ? undefined : objection
  }

  #freesKey(row: Row | undefined): boolean {
    return row !== undefined && this.space.now >= row.extra.uniqueUntil
  }

  #verify(step: Step): void {
    if ('settlement' in step) {
      const { lease } = step.settlement
      if (this.space.held(lease) === undefined)
        throw conflict(`the lease of job ${lease.id} was lost before the commit; nothing was applied`)
      return
    }
    const objection = step.follows ? undefined : this.#objection(step.job)
    if (objection?.status === 'refused') throw objection.error
    if (objection?.status === 'duplicate' && objection.of !== step.job.id) {
      throw conflict(
        `job ${objection.of} took the unique key of job ${step.job.id} before the commit; nothing was applied`,
      )
    }
  }
}

function conflict(problem: string): BackendError {
  return new BackendError('invalid', NAME, problem)
}
