import {
  Lifecycle,
  type Backend,
  type ClaimedJob,
  type ClaimRequest,
  type Enqueued,
  type Exchanged,
  type Extended,
  type Health,
  type Inspector,
  type Lease,
  type Mover,
  type Ms,
  type NewJob,
  type Operator,
  type Report,
  type Settled,
  type Settlement,
  type Stateful,
} from '@jobport/core/adapter'
import { failure } from './connection/failure.ts'
import { ADMISSION, FEATURES, LIMITS, NAME } from './limits.ts'
import { Live } from './live.ts'
import { settingsOf, type RedisBackendOptions, type Settings } from './options.ts'
import { makeScripts, type Scripts } from './scripts/scripts.ts'
import { enqueue } from './verbs/enqueue.ts'
import { inspectorOf } from './verbs/inspect.ts'
import { extend, report } from './verbs/lease.ts'
import { operatorOf } from './verbs/operate.ts'
import { exchange, settle } from './verbs/settle.ts'

/** A backend on Redis or Valkey. */
export interface RedisBackend extends Backend<typeof FEATURES, never> {
  exchange(settlements: readonly Settlement[], request: Omit<ClaimRequest, 'wait'>): Promise<Exchanged>
}

/**
 * Jobs on a Redis or Valkey server, by Sentinel, or on a cluster, with every feature but transactions of the application's own. As durable as the
 * server is set up to be: see `health()`.
 * @example
 * const backend = redisBackend({ url: 'redis://localhost:6379' })
 * @throws OptionError when an option is unknown or not usable.
 */
export function redisBackend(options: RedisBackendOptions): RedisBackend {
  return new RedisAdapter(settingsOf(options), makeScripts())
}

export class RedisAdapter implements Mover<typeof FEATURES>, Stateful {
  readonly name = NAME
  readonly features = FEATURES
  readonly limits = LIMITS
  readonly inspect: Inspector
  readonly operate: Operator
  readonly #lifecycle: Lifecycle<Live>

  constructor(settings: Settings, scripts: Scripts) {
    this.#lifecycle = new Lifecycle(NAME, () => Live.open(settings, scripts))
    const opened = async (): Promise<Live> => this.#lifecycle.opened
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

  enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    return this.#finishing((live) => {
      ADMISSION.checkSize('jobs', jobs.length, LIMITS.enqueueBatch)
      return enqueue(live, jobs)
    })
  }

  claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    return this.#finishing((live) => {
      ADMISSION.checkClaim(request)
      return live.claim(request, signal)
    })
  }

  settle(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    return this.#finishing((live) => {
      ADMISSION.checkSize('settlements', settlements.length, LIMITS.settleBatch)
      return settle(live, settlements)
    })
  }

  exchange(settlements: readonly Settlement[], request: Omit<ClaimRequest, 'wait'>): Promise<Exchanged> {
    return this.#finishing((live) => {
      ADMISSION.checkSize('settlements', settlements.length, LIMITS.settleBatch)
      ADMISSION.checkClaim(request)
      return exchange(live, settlements, request)
    })
  }

  async extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('leases', leases.length, LIMITS.settleBatch)
    ADMISSION.checkLease(lease)
    return extend(live, leases, lease)
  }

  async report(reports: readonly Report[]): Promise<readonly Settled[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('reports', reports.length, LIMITS.settleBatch)
    return report(live, reports)
  }

  /** A call of several steps. Not an async function: a promise that one returns takes two turns more. */
  #finishing<Answer>(call: (live: Live) => Promise<Answer>): Promise<Answer> {
    try {
      const live = this.#lifecycle.opened
      return live.finishing(call(live))
    } catch (error) {
      return Promise.reject(failure(error))
    }
  }
}
