import {
  Admission,
  Lifecycle,
  type Backend,
  type ClaimedJob,
  type ClaimRequest,
  type Enqueued,
  type Extended,
  type Health,
  type Lease,
  type Limits,
  type Mover,
  type Ms,
  type NewJob,
  type Settled,
  type Settlement,
} from '@jobport/core/adapter'
import { featuresOf, limitsOf, NAME, spreadOf, type FeaturesOf } from './limits.ts'
import { Live } from './live.ts'
import { settingsOf, type AmqpBackendOptions } from './options.ts'
import { enqueue } from './verbs/enqueue.ts'
import { settle } from './verbs/settle.ts'

/** A backend on RabbitMQ. */
export type AmqpBackend<O extends AmqpBackendOptions = AmqpBackendOptions> = Backend<FeaturesOf<O>, never>

/**
 * Jobs on RabbitMQ, in quorum queues or classic ones. It moves jobs and remembers nothing of them: `withStore` adds state, results, unique keys and one
 * outcome for each job.
 * @example
 * const backend = amqpBackend({ url: 'amqp://localhost' })
 * @throws OptionError when an option is unknown or not usable.
 */
export function amqpBackend<const O extends AmqpBackendOptions>(options: O): AmqpBackend<O> {
  return new AmqpAdapter<O>(options)
}

class AmqpAdapter<O extends AmqpBackendOptions> implements Mover<FeaturesOf<O>> {
  readonly name = NAME
  readonly features: FeaturesOf<O>
  readonly limits: Limits
  readonly enqueueSpread: Mover['enqueueSpread']
  readonly #admission: Admission
  readonly #lifecycle: Lifecycle<Live>

  constructor(options: O) {
    const settings = settingsOf(options)
    this.features = featuresOf<O>(settings)
    this.limits = limitsOf(settings)
    this.enqueueSpread = spreadOf(settings)
    this.#admission = new Admission(NAME, this.limits)
    this.#lifecycle = new Lifecycle(NAME, () => Live.open(settings, this.limits, this.#admission))
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
    this.#admission.checkSize('jobs', jobs.length, this.limits.enqueueBatch)
    return jobs.length === 0 ? [] : live.during(enqueue(live.sending, jobs))
  }

  async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    const live = this.#lifecycle.opened
    this.#admission.checkClaim(request)
    live.checkLease(request.lease)
    return live.claim(request, signal)
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    const live = this.#lifecycle.opened
    this.#admission.checkSize('settlements', settlements.length, this.limits.settleBatch)
    return settlements.length === 0 ? [] : live.during(settle(live, settlements))
  }

  async extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    const live = this.#lifecycle.opened
    this.#admission.checkSize('leases', leases.length, this.limits.settleBatch)
    live.checkLease(lease)
    return leases.map((each) => live.holderOf(each)?.extend(each, lease) ?? 'lost')
  }
}
