import type { Backend, ClaimRequest, Enqueued, Health, Mover, Stateful } from '../contract/backend.ts'
import type { BackendFailure } from '../contract/failure.ts'
import type { Inspector } from '../contract/inspector.ts'
import type { ClaimedJob, Lease, Ms, NewJob } from '../contract/job.ts'
import type { Limits } from '../contract/limits.ts'
import type { Extended, Report, Settled, Settlement } from '../contract/settlement.ts'
import type { HandOff, Store } from '../contract/store.ts'
import { OptionError } from '../errors/option-error.ts'
import { Admission } from '../kit/admission.ts'
import { Lifecycle, type Closable } from '../kit/lifecycle.ts'
import { claimId } from '../kit/token.ts'
import { Audit } from './audit.ts'
import { Confirmations } from './confirmations.ts'
import { storedFeatures, storedLimits, type BrokerFeatures, type StoredFeatures } from './features.ts'
import { Intake } from './intake.ts'
import { jointHealth } from './joint-health.ts'
import { settingsOf, type Settings, type WithStoreOptions } from './options.ts'
import { Relay } from './relay.ts'
import { Running } from './running.ts'
import { Sender, type Outgoing } from './sender.ts'
import { StoredOperator } from './stored-operator.ts'

/**
 * A backend of a broker that moves messages and a store that remembers jobs: with state, results, delays of any length, unique keys, and one
 * outcome for each job. It opens and closes both.
 * @example
 * const backend = withStore(sqsBackend({ prefix: 'shop-' }), postgresStore({ url: 'postgres://localhost/shop' }))
 * @throws OptionError when an option is unknown or not usable, when the broker keeps state itself, or when the store is none.
 */
export function withStore<F extends BrokerFeatures>(
  broker: Mover<F>,
  store: Store,
  options: WithStoreOptions = {},
): Backend<StoredFeatures<F>, never> {
  if ((broker.features as { readonly state: boolean }).state) {
    throw new OptionError('broker', `the ${broker.name} backend keeps state itself; use it without a store`)
  }
  if (typeof (store as Partial<Store>).begin !== 'function') {
    throw new OptionError('store', `${store.name} is a backend of its own; give a store, such as postgresStore(…)`)
  }
  return new WithStore(broker, store, settingsOf(options, broker.limits))
}

/** What there is between `open` and `close`. */
interface Live extends Closable {
  readonly intake: Intake
  readonly sender: Sender
  readonly relay: Relay
  readonly audit: Audit
  readonly confirmations: Confirmations
  readonly claims: Running
  readonly calls: Running
}

class WithStore<F extends BrokerFeatures> implements Mover<StoredFeatures<F>>, Stateful {
  readonly name: string
  readonly features: StoredFeatures<F>
  readonly limits: Limits
  readonly inspect: Inspector
  readonly operate: StoredOperator
  readonly #broker: Mover
  readonly #store: Store
  readonly #settings: Settings
  readonly #admission: Admission
  readonly #lifecycle: Lifecycle<Live>

  constructor(broker: Mover<F>, store: Store, settings: Settings) {
    this.name = `${broker.name}+${store.name}`
    this.features = storedFeatures(broker.features)
    this.limits = storedLimits(broker.limits, store.limits)
    this.inspect = store.inspect
    this.operate = new StoredOperator(store.operate, () => this.#stir())
    this.#broker = broker
    this.#store = store
    this.#settings = settings
    this.#admission = new Admission(this.name, this.limits)
    this.#lifecycle = new Lifecycle(this.name, () => this.#open())
  }

  open(): Promise<void> {
    return this.#lifecycle.open()
  }

  close(): Promise<void> {
    return this.#lifecycle.close()
  }

  async health(): Promise<Health> {
    return jointHealth(...(await Promise.all([this.#broker.health(), this.#store.health()])))
  }

  async enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    const live = this.#lifecycle.opened
    this.#admission.checkSize('jobs', jobs.length, this.limits.enqueueBatch)
    return jobs.length === 0 ? [] : live.calls.track(this.#enqueue(jobs, live))
  }

  async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    const { relay, claims, intake } = this.#lifecycle.opened
    this.#admission.checkClaim(request)
    relay.start()
    return claims.track(intake.claim(request, signal))
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    const live = this.#lifecycle.opened
    this.#admission.checkSize('settlements', settlements.length, this.limits.settleBatch)
    return settlements.length === 0 ? [] : live.calls.track(this.#settle(settlements, live))
  }

  async extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    const { calls } = this.#lifecycle.opened
    this.#admission.checkSize('leases', leases.length, this.limits.settleBatch)
    this.#admission.checkLease(lease)
    return leases.length === 0 ? [] : calls.track(this.#store.extend(leases, lease))
  }

  async report(reports: readonly Report[]): Promise<readonly Settled[]> {
    const { calls } = this.#lifecycle.opened
    this.#admission.checkSize('reports', reports.length, this.limits.settleBatch)
    return reports.length === 0 ? [] : calls.track(this.#store.report(reports))
  }

  async #enqueue(jobs: readonly NewJob[], { sender }: Live): Promise<readonly Enqueued[]> {
    const handOff = this.#handOff()
    const refusals = jobs.map((job) => this.#admission.refuseJob(job))
    const admitted = jobs.filter((_, index) => refusals[index] === undefined)
    const stored = admitted.length === 0 ? [] : await this.#store.insert(admitted, handOff)
    const outgoing = admitted.flatMap((job, index): Outgoing[] =>
      stored[index]!.status === 'enqueued' && (job.delay ?? 0) <= handOff.delay
        ? [{ job, sending: '', origin: handOff.origin }]
        : [],
    )
    const failures = outgoing.length === 0 ? [] : await sender.send(outgoing)
    const takenBack = await this.#takeBack(outgoing, failures)
    let next = 0
    return refusals.map((refused, index): Enqueued => {
      const error = refused ?? takenBack.get(jobs[index]!)
      if (refused !== undefined) return { status: 'refused', error: refused }
      const answer = stored[next++]!
      return error === undefined ? answer : { status: 'refused', error }
    })
  }

  /** Jobs that the broker will never take are not left behind in the store. All others are sent later. */
  async #takeBack(
    outgoing: readonly Outgoing[],
    failures: readonly (BackendFailure | undefined)[],
  ): Promise<ReadonlyMap<NewJob, BackendFailure>> {
    const hopeless = outgoing.flatMap(({ job }, index) => {
      const failure = failures[index]
      return failure === undefined || failure.retryable || failure.outcome === 'unknown' ? [] : [{ job, failure }]
    })
    if (hopeless.length === 0) return new Map()
    const removed = await this.#store.operate.remove(hopeless.map(({ job }) => job.id)).catch(() => [])
    return new Map(hopeless.filter((_, index) => removed[index] === true).map(({ job, failure }) => [job, failure]))
  }

  async #settle(settlements: readonly Settlement[], { sender, relay }: Live): Promise<readonly Settled[]> {
    const handOff = this.#handOff()
    const answers = await this.#store.apply(settlements, handOff)
    const followers: Outgoing[] = []
    let returnsNow = false
    for (let index = 0; index < settlements.length; index++) {
      const settlement = settlements[index]!
      if (answers[index] !== 'applied') continue
      if (settlement.then !== undefined) {
        for (const job of settlement.then) {
          if ((job.delay ?? 0) <= handOff.delay) followers.push({ job, sending: '', origin: handOff.origin })
        }
      }
      if (settlement.to !== 'waiting') continue
      if (settlement.delay > 0) relay.lookIn(settlement.delay)
      else returnsNow = true
    }
    await Promise.all([returnsNow && relay.look(), followers.length > 0 && sender.send(followers)])
    return answers
  }

  #handOff(): HandOff {
    return { ...this.#settings.handOff, origin: claimId() }
  }

  #stir(): void {
    this.#lifecycle.current?.intake.resume()
    this.#lifecycle.current?.relay.kick()
  }

  async #open(): Promise<Live> {
    await this.#store.open()
    try {
      await this.#broker.open()
    } catch (error) {
      await this.#store.close()
      throw error
    }
    const settings = this.#settings
    const confirmations = new Confirmations(this.#store)
    const sender = new Sender(this.#broker, confirmations, settings)
    const audit = new Audit(this.#store, sender, settings)
    const calls = new Running()
    const live: Live = {
      confirmations,
      sender,
      relay: new Relay(this.#store, sender, settings),
      audit,
      intake: new Intake({ broker: this.#broker, store: this.#store, settings, audit, sender, calls }),
      claims: new Running(),
      calls,
      close: () => this.#close(live),
    }
    return live
  }

  /** The broker first, since what it delivers has to be begun; then what is left to be written; the store last. */
  async #close(live: Live): Promise<void> {
    live.intake.close()
    await Promise.all([live.relay.stop(), live.audit.ended(), live.calls.ended()])
    try {
      await this.#broker.close()
      await live.claims.ended()
      await live.confirmations.flush()
    } finally {
      await this.#store.close()
    }
  }
}
