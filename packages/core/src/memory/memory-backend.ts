import type {
  Backend,
  ClaimRequest,
  Enqueued,
  Exchanged,
  Health,
  Mover,
  Stateful,
  Transactional,
} from '../contract/backend.ts'
import type { Features } from '../contract/features.ts'
import type { ClaimedJob, Lease, Ms, NewJob } from '../contract/job.ts'
import type { Extended, Report, Settled, Settlement } from '../contract/settlement.ts'
import { BackendError } from '../errors/backend-error.ts'
import { Lifecycle } from '../kit/lifecycle.ts'
import { systemClock } from '../time/clock.ts'
import { MemoryInspector } from './inspect.ts'
import { ADMISSION, LIMITS, NAME } from './limits.ts'
import { MemoryOperator } from './operate.ts'
import { capacityOf, type MemoryBackendOptions } from './options.ts'
import { Space } from './space.ts'
import { BufferedTransaction, type MemoryTransaction } from './transaction.ts'
import type { Waiter } from './waiter.ts'

const FEATURES = Object.freeze({
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

/** A backend that keeps its jobs in this process. */
export interface MemoryBackend extends Backend<typeof FEATURES, MemoryTransaction> {
  exchange(settlements: readonly Settlement[], request: Omit<ClaimRequest, 'wait'>): Promise<Exchanged>
  /** Begins a transaction for `within`. */
  transaction(): MemoryTransaction
  /** Another backend on the same jobs, with its own `open` and `close`: what a second process is on a server. */
  peer(): MemoryBackend
}

/**
 * Jobs in the memory of this process, with every feature: for tests, for development, and for work that may be lost when the process ends.
 * They outlive `close`, not the process.
 * @throws OptionError when `capacity` is not a positive integer up to 16 million.
 */
export function memoryBackend(options: MemoryBackendOptions = {}): MemoryBackend {
  const { clock = systemClock, warn = (message) => process.emitWarning(message) } = options
  return new InMemory(new Space(clock, capacityOf(options), warn))
}

class InMemory implements Mover<typeof FEATURES>, Stateful, Transactional<MemoryTransaction> {
  readonly name = NAME
  readonly features = FEATURES
  readonly limits = LIMITS
  readonly inspect: MemoryInspector
  readonly operate: MemoryOperator
  readonly #space: Space
  readonly #waiters = new Set<Waiter>()
  readonly #lifecycle = new Lifecycle(NAME, async () => ({ close: async () => this.#letGo() }))
  readonly #check = (): void => void this.#lifecycle.opened

  constructor(space: Space) {
    this.#space = space
    this.inspect = new MemoryInspector(space, this.#check)
    this.operate = new MemoryOperator(space, this.#check)
  }

  open(): Promise<void> {
    return this.#lifecycle.open()
  }

  close(): Promise<void> {
    return this.#lifecycle.close()
  }

  async health(): Promise<Health> {
    return {
      reachable: this.#lifecycle.current !== undefined,
      durability: 'none',
      warnings: [
        'All jobs are lost when this process ends; use a backend that writes them down, such as sqliteBackend(), where that matters.',
      ],
    }
  }

  async enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    this.#check()
    ADMISSION.checkSize('jobs', jobs.length, LIMITS.enqueueBatch)
    this.#space.begin()
    const answers: Enqueued[] = []
    for (const job of jobs) answers.push(this.#space.add(job))
    this.#space.end(jobs.length)
    return answers
  }

  async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    this.#check()
    ADMISSION.checkClaim(request)
    if (signal.aborted) return []
    const jobs = this.#claim(request)
    if (jobs.length > 0 || !(request.wait > 0)) return jobs
    const waiter = this.#space.waiting.enter(this.#space.ensureQueue(request.queue), request, signal, (ended) =>
      this.#waiters.delete(ended),
    )
    this.#waiters.add(waiter)
    return waiter.ended
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    this.#check()
    ADMISSION.checkSize('settlements', settlements.length, LIMITS.settleBatch)
    this.#space.begin()
    const answers: Settled[] = []
    for (const settlement of settlements) answers.push(this.#space.settle(settlement))
    this.#space.end(settlements.length)
    return answers
  }

  async exchange(settlements: readonly Settlement[], request: Omit<ClaimRequest, 'wait'>): Promise<Exchanged> {
    this.#check()
    ADMISSION.checkSize('settlements', settlements.length, LIMITS.settleBatch)
    ADMISSION.checkClaim(request)
    this.#space.begin()
    const settled: Settled[] = []
    for (const settlement of settlements) settled.push(this.#space.settle(settlement))
    const queue = this.#space.queue(request.queue)
    const claimed = queue === undefined ? [] : this.#space.take(queue, request.limit, request.lease)
    this.#space.end(settlements.length + claimed.length)
    return { settled, claimed }
  }

  async extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    this.#check()
    ADMISSION.checkSize('leases', leases.length, LIMITS.settleBatch)
    ADMISSION.checkLease(lease)
    this.#space.begin()
    const answers = leases.map((held) => this.#space.extend(held, lease))
    this.#space.end(leases.length)
    return answers
  }

  async report(reports: readonly Report[]): Promise<readonly Settled[]> {
    this.#check()
    ADMISSION.checkSize('reports', reports.length, LIMITS.settleBatch)
    this.#space.begin()
    const answers = reports.map((report) => this.#space.report(report))
    this.#space.end(reports.length)
    return answers
  }

  transaction(): MemoryTransaction {
    return new BufferedTransaction(this.#space, this.#check)
  }

  /** @throws BackendError `invalid` for a transaction of other jobs. */
  within(transaction: MemoryTransaction): Pick<Mover, 'enqueue' | 'settle'> {
    if (transaction instanceof BufferedTransaction && transaction.space === this.#space) return transaction
    throw new BackendError('invalid', NAME, 'within() takes what transaction() of this backend gave')
  }

  peer(): MemoryBackend {
    return new InMemory(this.#space)
  }

  #claim(request: ClaimRequest): readonly ClaimedJob[] {
    this.#space.begin()
    const queue = this.#space.queue(request.queue)
    if (queue === undefined) return []
    const jobs = this.#space.take(queue, request.limit, request.lease)
    if (jobs.length > 0) this.#space.waiting.stir(queue)
    this.#space.end(jobs.length)
    return jobs
  }

  #letGo(): void {
    for (const waiter of this.#waiters) waiter.end([])
    this.inspect.close()
  }
}
