import {
  Lifecycle,
  type Begun,
  type Enqueued,
  type Extended,
  type HandOff,
  type Health,
  type Lease,
  type Ms,
  type NewJob,
  type Report,
  type Sent,
  type Settled,
  type Settlement,
  type Store,
  type Unsent,
} from '@jobport/core/adapter'
import { SqliteInspector } from '../inspector.ts'
import { ADMISSION, after, LIMITS, NAME } from '../limits.ts'
import { Live } from '../live.ts'
import { SqliteOperator } from '../operator.ts'
import { settingsOf, type Settings, type SqliteBackendOptions } from '../options.ts'
import { enqueue } from '../verbs/enqueue.ts'
import { extend, report } from '../verbs/lease.ts'
import { settle } from '../verbs/settle.ts'
import { unseal } from '../verbs/token.ts'
import type { Transaction } from '../verbs/transaction.ts'
import { begin } from './begin.ts'
import { Outbox } from './outbox.ts'

/**
 * The memory that a broker lacks, in a SQLite file of its own: state, results, unique keys and delays of any length, for the processes of one machine.
 * @example
 * const store = sqliteStore({ file: 'jobs.db' })
 * @throws OptionError when an option is unknown or not usable.
 */
export function sqliteStore(options: SqliteBackendOptions): Store {
  return new SqliteStore(settingsOf(options))
}

class SqliteStore implements Store {
  readonly name = NAME
  readonly limits = LIMITS
  readonly inspect: SqliteInspector
  readonly operate: SqliteOperator
  readonly #lifecycle: Lifecycle<Live>

  constructor(settings: Settings) {
    this.#lifecycle = new Lifecycle(NAME, () => Live.open(settings, (tx) => new Outbox(tx)))
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

  async insert(jobs: readonly NewJob[], handOff: HandOff): Promise<readonly Enqueued[]> {
    ADMISSION.checkSize('jobs', jobs.length, LIMITS.enqueueBatch)
    return this.#write(jobs, (tx, outbox) => {
      outbox.handOff = handOff
      return enqueue(tx, jobs)
    })
  }

  async begin(attempts: readonly Lease[], lease: Ms): Promise<readonly Begun[]> {
    return this.#write(attempts, (tx, outbox) => begin(tx, outbox, attempts, lease))
  }

  async extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    ADMISSION.checkSize('leases', leases.length, LIMITS.settleBatch)
    ADMISSION.checkLease(lease)
    return this.#write(leases, (tx, outbox) => {
      const answers = extend(tx, leases, lease)
      for (const [index, each] of leases.entries()) {
        if (answers[index] !== 'lost') outbox.lease(unseal(each)!.seq, after(tx.now, lease))
      }
      return answers
    })
  }

  async apply(settlements: readonly Settlement[], handOff: HandOff): Promise<readonly Settled[]> {
    ADMISSION.checkSize('settlements', settlements.length, LIMITS.settleBatch)
    return this.#write(settlements, (tx, outbox) => {
      outbox.handOff = handOff
      return settle(tx, settlements)
    })
  }

  async report(reports: readonly Report[]): Promise<readonly Settled[]> {
    ADMISSION.checkSize('reports', reports.length, LIMITS.settleBatch)
    return this.#write(reports, (tx) => report(tx, reports))
  }

  async due(limit: number, lease: Ms): Promise<readonly Unsent[]> {
    return this.#lifecycle.opened.write((tx) => tx.outbox!.due(limit, lease))
  }

  async sent(jobs: readonly Sent[]): Promise<void> {
    await this.#write(jobs, (_, outbox) => {
      for (const each of jobs) outbox.confirm(each)
      return []
    })
  }

  async #write<T>(
    items: readonly unknown[],
    body: (tx: Transaction, outbox: Outbox) => readonly T[],
  ): Promise<readonly T[]> {
    const live = this.#lifecycle.opened
    return items.length === 0 ? [] : live.write((tx) => body(tx, tx.outbox!))
  }
}
