import type { ClaimRequest, Mover } from '../contract/backend.ts'
import type { ClaimedJob, Lease, Ms } from '../contract/job.ts'
import type { Settlement } from '../contract/settlement.ts'
import type { Begun, Store } from '../contract/store.ts'
import { claimId } from '../kit/token.ts'
import { sleep } from '../time/clock.ts'
import type { Audit } from './audit.ts'
import { settleAt } from './broker-calls.ts'
import { claimed, isWhole, open, type Parcel } from './message.ts'
import type { Settings } from './options.ts'
import { MOST } from './pack.ts'
import type { Running } from './running.ts'
import type { Sender } from './sender.ts'

/** How long a claim on a paused queue leaves the broker alone, unless the queue is resumed here. */
const PAUSE: Ms = 1_000

/** How long the broker keeps what could not be begun. */
const REST: Ms = 1_000

export interface IntakeOptions {
  readonly broker: Mover
  readonly store: Store
  readonly settings: Settings
  readonly audit: Audit
  readonly sender: Sender
  /** What goes on when a claim has been answered. */
  readonly calls: Running
}

interface Reception {
  readonly jobs: readonly ClaimedJob[]
  /** Some are not there because their queue is paused. */
  readonly paused: boolean
}

/**
 * Claims at the broker, and asks the store which of the jobs may run. When it has answered, a message has done its work: of each of its jobs a lease runs by the store's
 * clock, or it need not run. So the message is acknowledged then, and from there on the store alone looks after the job.
 */
export class Intake {
  readonly #options: IntakeOptions
  readonly #closing = new AbortController()
  #resumed = new AbortController()
  /** Jobs a message, of the messages that came last. */
  readonly #density = new Map<string, number>()

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    const { settings, audit } = this.#options
    const { clock } = settings
    const { queue, limit, lease, onComing } = request
    const end = clock.now() + request.wait
    if (limit <= 0) return []
    for (let wait = request.wait; ; wait = Math.max(0, end - clock.now())) {
      if (this.#isOver(signal)) return []
      const sentAt = clock.now()
      const parcels = await this.#collect({ queue, limit, lease, wait }, signal)
      if (parcels.length === 0) {
        if (wait > 0 && !this.#isOver(signal)) audit.nothingCame(queue, sentAt)
        return []
      }
      audit.delivered(queue)
      if (this.#isOver(signal)) {
        await this.#giveBack(parcels, 0)
        return []
      }
      const brought = parcels.reduce((sum, { jobs }) => sum + jobs.length, 0)
      onComing?.(Math.min(limit, brought))
      const { jobs, paused } = await this.#receive(parcels, limit, lease)
      if (jobs.length > 0) return jobs
      if (paused) {
        const rest = Math.min(PAUSE, end - clock.now())
        if (!(rest > 0)) return []
        await this.#rest(rest, signal)
      }
      if (onComing !== undefined) return []
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

  /**
   * Claims as many messages as are thought to bring what is asked for, and more while they bring less. How many jobs there will be in a message is not
   * known: what is too much goes back, or is passed on.
   */
  async #collect({ queue, limit, lease, wait }: ClaimRequest, signal: AbortSignal): Promise<readonly Parcel[]> {
    const { broker } = this.#options
    const { limits } = broker
    const held = Math.min(Math.max(lease, limits.tick), limits.lease)
    const parcels: Parcel[] = []
    let room = limit
    let wanted = Math.ceil(limit / (this.#density.get(queue) ?? MOST))
    while (wanted > 0) {
      const asked = Math.min(wanted, limits.claimBatch)
      const isFirst = parcels.length === 0
      const claiming = broker.claim({ queue, limit: asked, lease: held, wait: isFirst ? wait : 0 }, signal)
      // What has come is worked on, whatever is the matter with what comes next.
      const messages = await (isFirst ? claiming : claiming.catch((): readonly ClaimedJob[] => []))
      for (const message of messages) {
        const parcel = open(message)
        parcels.push(parcel)
        room -= parcel.jobs.length
      }
      if (messages.length < asked || signal.aborted) break
      const density = Math.max(1, (limit - room) / parcels.length)
      this.#density.set(queue, density)
      wanted = Math.ceil(room / density)
    }
    return parcels
  }

  async #receive(parcels: readonly Parcel[], limit: number, lease: Ms): Promise<Reception> {
    const { broker, store, sender, calls } = this.#options
    const { taken, cut, left } = divide(parcels, limit)
    const passing = cut && sender.pass(cut.jobs, cut.mark!)
    let begun: readonly Begun[]
    const delivered = distinct(taken)
    try {
      await this.#adopt(delivered)
      const attempts = attemptsOf(delivered)
      begun = attempts.length === 0 ? [] : await store.begin(attempts, lease)
    } catch (error) {
      await this.#giveBack(parcels, Math.min(REST, broker.limits.retryDelay))
      throw error
    }
    if (left.length > 0) await this.#giveBack(left, 0)
    const isPassed = passing === undefined || (await passing)
    const done = taken.map((parcel, index) =>
      isPassed || index < taken.length - 1 ? settlementOf(parcel) : returned(parcel, 0),
    )
    void calls.track(settleAt(broker, done))
    return this.#started(delivered, begun)
  }

  async #started(delivered: readonly Parcel[], begun: readonly Begun[]): Promise<Reception> {
    const jobs: ClaimedJob[] = []
    const partial: number[] = []
    let paused = false
    let at = 0
    for (const { jobs: told, mark } of delivered) {
      for (const job of told) {
        const known = begun[at++]!
        if (typeof known === 'string') {
          paused ||= known === 'paused'
          continue
        }
        if (!isWhole(mark, known.origin)) partial.push(jobs.length)
        jobs.push(claimed(job, known))
      }
    }
    if (partial.length > 0) await this.#complete(jobs, partial)
    return { jobs, paused }
  }

  /** Lets the store know of what was sent without it. */
  async #adopt(delivered: readonly Parcel[]): Promise<void> {
    const { store, settings } = this.#options
    const foreign = delivered.flatMap(({ jobs, mark }) => (mark === undefined ? jobs : []))
    if (foreign.length > 0) await store.insert(foreign, { ...settings.handOff, origin: '' })
  }

  /** Reads from the store what the messages do not say. */
  async #complete(jobs: ClaimedJob[], partial: readonly number[]): Promise<void> {
    const records = await this.#options.store.inspect.find(partial.map((index) => jobs[index]!.lease.id))
    for (const [at, record] of records.entries()) {
      if (record === undefined) continue
      const { name, payload, headers, policy, priority } = record
      const { policy: _, ...job } = jobs[partial[at]!]!
      jobs[partial[at]!] = { ...job, name, payload, headers, priority, ...(policy === undefined ? {} : { policy }) }
    }
  }

  async #giveBack(messages: readonly { readonly lease: Lease }[], delay: Ms): Promise<void> {
    await settleAt(
      this.#options.broker,
      messages.map((message) => returned(message, delay)),
    )
  }

  #isOver(signal: AbortSignal): boolean {
    return signal.aborted || this.#closing.signal.aborted
  }

  async #rest(rest: Ms, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#closing.signal, this.#resumed.signal])
    await sleep(this.#options.settings.clock, rest, either)
  }
}

interface Divided {
  /** Whose jobs fit. */
  readonly taken: readonly Parcel[]
  /** What does not fit of the last of them. */
  readonly cut: Parcel | undefined
  /** Those of which nothing fits. */
  readonly left: readonly Parcel[]
}

/** Cuts off what is more than was asked for. */
function divide(parcels: readonly Parcel[], limit: number): Divided {
  let room = limit
  for (const [index, parcel] of parcels.entries()) {
    const { jobs } = parcel
    if (jobs.length <= room) {
      room -= jobs.length
      continue
    }
    if (room === 0) return { taken: parcels.slice(0, index), cut: undefined, left: parcels.slice(index) }
    const taken = [...parcels.slice(0, index), { ...parcel, jobs: jobs.slice(0, room) }]
    return { taken, cut: { ...parcel, jobs: jobs.slice(room) }, left: parcels.slice(index + 1) }
  }
  return { taken: parcels, cut: undefined, left: [] }
}

/** Each job once: two messages of one job would begin it twice, since they begin it with the same token. */
function distinct(parcels: readonly Parcel[]): readonly Parcel[] {
  if (isAscending(parcels)) return parcels
  const ids = new Set<string>()
  return parcels.map((parcel) => ({
    ...parcel,
    jobs: parcel.jobs.filter(({ id }) => {
      const isNew = !ids.has(id)
      ids.add(id)
      return isNew
    }),
  }))
}

/** So are jobs mostly, since their ids are by time; and then none is there twice. */
function isAscending(parcels: readonly Parcel[]): boolean {
  let last = ''
  for (const { jobs } of parcels) {
    for (const { id } of jobs) {
      if (id <= last) return false
      last = id
    }
  }
  return true
}

/** One token for all, so that a store may keep them as one. */
function attemptsOf(parcels: readonly Parcel[]): readonly Lease[] {
  const token = claimId()
  const attempts: Lease[] = []
  for (const { jobs } of parcels) for (const { id, queue } of jobs) attempts.push({ id, queue, token })
  return attempts
}

const UNREADABLE = JSON.stringify({ name: 'Error', message: 'the message does not say which jobs it stands for' })

/** What cannot be read goes where the broker keeps such messages. */
function settlementOf({ lease, jobs }: Parcel): Settlement {
  return jobs.length === 0
    ? { lease, to: 'dead', error: UNREADABLE, keep: 7 * 24 * 3_600_000 }
    : { lease, to: 'completed', keep: 0 }
}

function returned({ lease }: { readonly lease: Lease }, delay: Ms): Settlement {
  return { lease, to: 'waiting', delay, counts: 'nothing' }
}
