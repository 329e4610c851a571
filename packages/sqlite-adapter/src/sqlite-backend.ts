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
import type { DatabaseSync } from 'node:sqlite'
import { ADMISSION, FEATURES, LIMITS, NAME } from './limits.ts'
import { SqliteInspector } from './inspector.ts'
import { SqliteOperator } from './operator.ts'
import { settingsOf, type Settings, type SqliteBackendOptions } from './options.ts'
import { Live } from './live.ts'
import { claim } from './verbs/claim.ts'
import { enqueue } from './verbs/enqueue.ts'
import { extend, report } from './verbs/lease.ts'
import { settle } from './verbs/settle.ts'
import { within } from './within.ts'

/** A backend on one SQLite file. */
export interface SqliteBackend extends Backend<typeof FEATURES, DatabaseSync> {
  exchange(settlements: readonly Settlement[], request: Omit<ClaimRequest, 'wait'>): Promise<Exchanged>
}

/**
 * Jobs in one SQLite file, with every feature and without a server: durable by default, for one process or several on one machine.
 * @example
 * const backend = sqliteBackend({ file: 'jobs.db' })
 * @throws OptionError when an option is unknown or not usable.
 */
export function sqliteBackend(options: SqliteBackendOptions): SqliteBackend {
  return new Sqlite(settingsOf(options))
}

class Sqlite implements Mover<typeof FEATURES>, Stateful, Transactional<DatabaseSync> {
  readonly name = NAME
  readonly features = FEATURES
  readonly limits = LIMITS
  readonly inspect: SqliteInspector
  readonly operate: SqliteOperator
  readonly #lifecycle: Lifecycle<Live>

  constructor(settings: Settings) {
    this.#lifecycle = new Lifecycle(NAME, () => Live.open(settings))
    const opened = (): Live => this.#lifecycle.opened
    this.inspect = new SqliteInspector(opened)
    this.operate = new SqliteOperator(opened)
  }

  open(): Promise<void> {
    return this.#lifecycle.open()
  }

  close(): Promise<void> {
    return this.#lifecycle.close()
  }

  health(): Promise<Health> {
    return this.#lifecycle.health((live) => live.health())
  }

  async enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('jobs', jobs.length, LIMITS.enqueueBatch)
    return jobs.length === 0 ? [] : live.write((tx) => enqueue(tx, jobs))
  }

  async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkClaim(request)
    return live.claim(request, signal)
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('settlements', settlements.length, LIMITS.settleBatch)
    return settlements.length === 0 ? [] : live.write((tx) => settle(tx, settlements))
  }

  async exchange(settlements: readonly Settlement[], request: Omit<ClaimRequest, 'wait'>): Promise<Exchanged> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('settlements', settlements.length, LIMITS.settleBatch)
    ADMISSION.checkClaim(request)
    return live.write((tx) => ({ settled: settle(tx, settlements), claimed: claim(tx, request) }))
  }

  async extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('leases', leases.length, LIMITS.settleBatch)
    ADMISSION.checkLease(lease)
    return leases.length === 0 ? [] : live.write((tx) => extend(tx, leases, lease))
  }

  async report(reports: readonly Report[]): Promise<readonly Settled[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('reports', reports.length, LIMITS.settleBatch)
    return reports.length === 0 ? [] : live.write((tx) => report(tx, reports))
  }

  within(database: DatabaseSync): Pick<Mover, 'enqueue' | 'settle'> {
    return within(database, () => this.#lifecycle.opened)
  }
}
