import type { ClaimRequest, Mover } from '../contract/backend.ts'
import type { ClaimedJob, Ms } from '../contract/job.ts'
import type { Settlement } from '../contract/settlement.ts'
import type { Begun, Store } from '../contract/store.ts'
import { sleep } from '../time/clock.ts'
import type { Audit } from './audit.ts'
import { settleAt } from './broker-calls.ts'
import { adopted, isForeign, isWhole, withoutMark } from './message.ts'
import type { Settings } from './options.ts'

/** The broker's lease is so much longer than the store's, which decides: a message that came back earlier would come in vain. */
const LATER: Ms = 500

/** How long a claim on a paused queue leaves the broker alone, unless the queue is resumed here. */
const PAUSE: Ms = 1_000

/** How long the broker keeps what could not be begun. */
const REST: Ms = 1_000

interface Reception {
  readonly jobs: readonly ClaimedJob[]
  /** Some are not there because their queue is paused. */
  readonly paused: boolean
}

/** Claims at the broker, and asks the store which of the deliveries may run. */
export class Intake {
  readonly #broker: Mover
  readonly #store: Store
  readonly #settings: Settings
  readonly #audit: Audit
  readonly #closing = new AbortController()
  #resumed = new AbortController()

  constructor(broker: Mover, store: Store, settings: Settings, audit: Audit) {
    this.#broker = broker
    this.#store = store
    this.#settings = settings
    this.#audit = audit
  }

  async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    const { clock } = this.#settings
    const { queue, limit, lease } = request
    const end = clock.now() + request.wait
    for (let wait = request.wait; ; wait = Math.max(0, end - clock.now())) {
      if (this.#isOver(signal)) return []
      const sentAt = clock.now()
      const deliveries = await this.#broker.claim({ queue, limit, lease: this.brokerLease(lease), wait }, signal)
      if (deliveries.length === 0) {
        if (wait > 0 && !this.#isOver(signal)) this.#audit.nothingCame(queue, sentAt)
        return []
      }
      this.#audit.delivered(queue)
      if (this.#isOver(signal)) {
        await this.#giveBack(deliveries, 0)
        return []
      }
      const { jobs, paused } = await this.#begin(deliveries, lease)
      if (jobs.length > 0) return jobs
      if (!paused) continue
      const rest = Math.min(PAUSE, end - clock.now())
      if (!(rest > 0)) return []
      await this.#rest(rest, signal)
    }
  }

  /** Looks again at queues that were paused. */
  resume(): void {
    this.#resumed.abort()
    this.#resumed = new AbortController()
  }

  /** Lets claims end that wait for a queue to be resumed. */
  close(): void {
    this.#closing.abort()
  }

  brokerLease(lease: Ms): Ms {
    const { limits } = this.#broker
    return Math.min(Math.max(lease + LATER, limits.tick), limits.lease)
  }

  async #begin(deliveries: readonly ClaimedJob[], lease: Ms): Promise<Reception> {
    try {
      await this.#adopt(deliveries.filter(isForeign))
      return await this.#receive(deliveries, await this.#store.begin(deliveries, lease))
    } catch (error) {
      await this.#giveBack(deliveries, Math.min(REST, this.#broker.limits.retryDelay))
      throw error
    }
  }

  async #receive(deliveries: readonly ClaimedJob[], begun: readonly Begun[]): Promise<Reception> {
    const jobs: ClaimedJob[] = []
    const partial: number[] = []
    const done: Settlement[] = []
    let paused = false
    for (const [index, delivery] of deliveries.entries()) {
      const known = begun[index]!
      if (typeof known === 'string') {
        paused ||= known === 'paused'
        done.push({ lease: delivery.lease, to: 'completed', keep: 0 })
        continue
      }
      const { origin, ...started } = known
      if (!isWhole(delivery, origin)) partial.push(jobs.length)
      jobs.push({ ...delivery, ...started, headers: withoutMark(delivery) })
    }
    if (done.length > 0) await settleAt(this.#broker, done)
    if (partial.length > 0) await this.#complete(jobs, partial)
    return { jobs, paused }
  }

  /** Lets the store know of what was sent without it. */
  async #adopt(foreign: readonly ClaimedJob[]): Promise<void> {
    if (foreign.length > 0) await this.#store.insert(foreign.map(adopted), { ...this.#settings.handOff, origin: '' })
  }

  /** Reads from the store what the messages do not say. */
  async #complete(jobs: ClaimedJob[], partial: readonly number[]): Promise<void> {
    const records = await this.#store.inspect.find(partial.map((index) => jobs[index]!.lease.id))
    for (const [at, record] of records.entries()) {
      if (record === undefined) continue
      const { name, payload, headers, policy, priority } = record
      const { policy: _, ...job } = jobs[partial[at]!]!
      jobs[partial[at]!] = { ...job, name, payload, headers, priority, ...(policy === undefined ? {} : { policy }) }
    }
  }

  async #giveBack(deliveries: readonly ClaimedJob[], delay: Ms): Promise<void> {
    await settleAt(
      this.#broker,
      deliveries.map(({ lease }) => ({ lease, to: 'waiting', delay, counts: 'nothing' })),
    )
  }

  #isOver(signal: AbortSignal): boolean {
    return signal.aborted || this.#closing.signal.aborted
  }

  async #rest(rest: Ms, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#closing.signal, this.#resumed.signal])
    await sleep(this.#settings.clock, rest, either)
  }
}
