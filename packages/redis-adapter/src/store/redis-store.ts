import {
  Lifecycle,
  type Begun,
  type Enqueued,
  type Extended,
  type HandOff,
  type Health,
  type Inspector,
  type Lease,
  type Ms,
  type NewJob,
  type Operator,
  type Report,
  type Sent,
  type Settled,
  type Settlement,
  type Store,
  type Unsent,
} from '@jobport/core/adapter'
import { ADMISSION, LIMITS, NAME } from '../limits.ts'
import { settingsOf, type RedisBackendOptions, type Settings } from '../options.ts'
import { makeStoreScripts, type StoreScripts } from '../scripts/scripts.ts'
import { inspectorOf } from '../verbs/inspect.ts'
import { extend, report } from '../verbs/lease.ts'
import { operatorOf } from '../verbs/operate.ts'
import { apply, begin } from './running.ts'
import { due, insert, sent } from './sending.ts'
import { StoreSession } from './store-session.ts'

/**
 * The memory that a broker lacks, on a Redis or Valkey server, by Sentinel, or on a cluster: state, results, unique keys and delays of any length. As durable
 * as the server is set up to be: see `health()`. It takes the options of `redisBackend`; its keys begin with the namespace and `+store`.
 * @example
 * const backend = withStore(sqsBackend({ prefix: 'shop-' }), redisStore({ url: 'redis://localhost:6379' }))
 * @throws OptionError when an option is unknown or not usable.
 */
export function redisStore(options: RedisBackendOptions): Store {
  return new RedisStore(settingsOf(options, true), makeStoreScripts())
}

export class RedisStore implements Store {
  readonly name = NAME
  readonly limits = LIMITS
  readonly inspect: Inspector
  readonly operate: Operator
  readonly #lifecycle: Lifecycle<StoreSession>

  constructor(settings: Settings, scripts: StoreScripts) {
    this.#lifecycle = new Lifecycle(NAME, () => StoreSession.open(settings, scripts))
    const opened = async (): Promise<StoreSession> => this.#lifecycle.opened
    this.inspect = inspectorOf(opened)
    this.operate = operatorOf(opened)
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
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('jobs', jobs.length, LIMITS.enqueueBatch)
    return live.finishing(insert(live, jobs, handOff))
  }

  async begin(attempts: readonly Lease[], lease: Ms): Promise<readonly Begun[]> {
    const live = this.#lifecycle.opened
    return live.finishing(begin(live, attempts, lease))
  }

  async extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('leases', leases.length, LIMITS.settleBatch)
    ADMISSION.checkLease(lease)
    return extend(live, leases, lease)
  }

  async apply(settlements: readonly Settlement[], handOff: HandOff): Promise<readonly Settled[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('settlements', settlements.length, LIMITS.settleBatch)
    return live.finishing(apply(live, settlements, handOff))
  }

  async due(limit: number, lease: Ms): Promise<readonly Unsent[]> {
    const live = this.#lifecycle.opened
    return limit <= 0 ? [] : live.finishing(due(live, limit, lease))
  }

  async sent(jobs: readonly Sent[]): Promise<void> {
    const live = this.#lifecycle.opened
    await live.finishing(sent(live, jobs))
  }

  async report(reports: readonly Report[]): Promise<readonly Settled[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('reports', reports.length, LIMITS.settleBatch)
    return report(live, reports)
  }
}
