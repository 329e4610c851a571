import {
  Lifecycle,
  type Backend,
  type ClaimedJob,
  type ClaimRequest,
  type Enqueued,
  type Exchanged,
  type Extended,
  type Health,
  type Lease,
  type Mover,
  type Ms,
  type NewJob,
  type Report,
  type Settled,
  type Settlement,
  type Stateful,
  type Transactional,
} from '@jobport/core/adapter'
import { enqueueAdmitted } from './admission.ts'
import { health } from './health.ts'
import { PostgresInspector } from './inspector.ts'
import { ADMISSION, FEATURES, LIMITS, NAME } from './limits.ts'
import { Live } from './live.ts'
import { PostgresOperator } from './operator.ts'
import { settingsOf, type PostgresOptions, type Settings } from './options.ts'
import { within, type TransactionHandle } from './within.ts'

/** A backend on a Postgres server. */
export interface PostgresBackend extends Backend<typeof FEATURES, TransactionHandle> {
  exchange(settlements: readonly Settlement[], request: Omit<ClaimRequest, 'wait'>): Promise<Exchanged>
}

/**
 * Jobs in a Postgres database, in a schema of their own, with every feature: durable, for any number of processes, and part of your own transactions.
 * @example
 * const backend = postgresBackend({ url: 'postgres://localhost/app' })
 * @throws OptionError when an option is unknown or not usable.
 */
export function postgresBackend(options: PostgresOptions): PostgresBackend {
  return new Postgres(settingsOf(options))
}

class Postgres implements Mover<typeof FEATURES>, Stateful, Transactional<TransactionHandle> {
  readonly name = NAME
  readonly features = FEATURES
  readonly limits = LIMITS
  readonly inspect: PostgresInspector
  readonly operate: PostgresOperator
  readonly #settings: Settings
  readonly #lifecycle: Lifecycle<Live>

  constructor(settings: Settings) {
    this.#settings = settings
    this.#lifecycle = new Lifecycle(NAME, () => Live.open(settings))
    const opened = (): Live => this.#lifecycle.opened
    this.inspect = new PostgresInspector(opened)
    this.operate = new PostgresOperator(opened)
  }

  open(): Promise<void> {
    return this.#lifecycle.open()
  }

  close(): Promise<void> {
    return this.#lifecycle.close()
  }

  health(): Promise<Health> {
    return this.#lifecycle.health(({ heart }) => health(heart, this.#settings))
  }

  async enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    const live = this.#lifecycle.opened
    return enqueueAdmitted(jobs, (admitted) => live.enqueue(admitted))
  }

  async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkClaim(request)
    return live.claim(request, signal)
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('settlements', settlements.length, LIMITS.settleBatch)
    return settlements.length === 0 ? [] : live.settle(settlements)
  }

  async exchange(settlements: readonly Settlement[], request: Omit<ClaimRequest, 'wait'>): Promise<Exchanged> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('settlements', settlements.length, LIMITS.settleBatch)
    ADMISSION.checkClaim(request)
    return live.exchange(settlements, request)
  }

  async extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('leases', leases.length, LIMITS.settleBatch)
    ADMISSION.checkLease(lease)
    return leases.length === 0 ? [] : live.extend(leases, lease)
  }

  async report(reports: readonly Report[]): Promise<readonly Settled[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('reports', reports.length, LIMITS.settleBatch)
    return reports.length === 0 ? [] : live.report(reports)
  }

  within(tx: TransactionHandle): Pick<Mover, 'enqueue' | 'settle'> {
    return within(tx, () => this.#lifecycle.opened)
  }
}
