import { isPassing, persist } from '../../batch/persist.ts'
import type { Backend, Exchanged } from '../../contract/backend.ts'
import type { BackendFailure } from '../../contract/failure.ts'
import type { ClaimedJob, Ms } from '../../contract/job.ts'
import type { Settled, Settlement } from '../../contract/settlement.ts'
import type { JobInfo } from '../../definition/job-info.ts'
import { isBackendFailure } from '../../errors/backend-error.ts'
import type { Attempted } from '../../retry/decide.ts'
import { LaneClaim, type Lane } from './lane.ts'
import type { Settings } from '../options.ts'
import type { Run } from '../run.ts'

/** Calls in flight at once that do not wait: while the backend works on one, another is on its way, and the next fills. */
const IN_FLIGHT = 3
/**
 * A waiting claim is asked again after so long, or a third of the lease: a lease counts from before the claim was sent, so what comes
 * at the end of a long wait would seem to be lost already. Besides, some servers close lines that stay silent.
 */
const WAIT: Ms = 20_000
/** No settlement is tried for longer than this, nor for less: by then the lease is over and the job runs again. */
const SETTLE_HORIZON: Ms = 60_000

/** Before a settlement that was refused for a passing reason is tried again. */
const REST: Ms = 200

/** A run whose outcome is decided, on its way to the backend. */
export interface Ended {
  readonly run: Run
  readonly settlement: Settlement
  readonly attempted: Attempted
}

/** One claim that the worker wants made. */
export interface Want {
  readonly lane: Lane
  readonly limit: number
}

export interface CourierEvents {
  /** The claim to make next without waiting, if any. */
  readonly wants: () => Want | undefined
  /** The claims that may wait for work to come. */
  readonly waits: () => readonly Want[]
  /** `sentAt`: monotonic time before the claim was sent. `took`: until it was answered, where it did not wait. */
  readonly onClaimed: (lane: Lane, jobs: readonly ClaimedJob[], sentAt: Ms, took: Ms | undefined) => void
  readonly onClaimFailed: (lane: Lane, error: unknown) => void
  readonly onSettled: (ended: Ended, reply: Exclude<Settled, BackendFailure>) => void
  /** The outcome of a run could not be stored. It is told as lost as well. */
  readonly onUnsettled: (run: Run) => void
  readonly onError: (error: unknown) => void
  /** A call has ended, or nothing but waiting is left. */
  readonly onQuiet: () => void
}

/**
 * Carries settlements and claims between worker and backend. What is to be settled in one turn of the event loop, or while calls are in flight, leaves
 * together; a claim that is due rides along where the backend can do both in one round trip.
 */
export class Courier {
  readonly #backend: Backend
  readonly #settings: Settings
  readonly #events: CourierEvents
  readonly #stopClaims = new AbortController()
  readonly #stopSettles = new AbortController()
  #outbox: Ended[] = []
  #calls = 0
  #waits = 0
  #resting = 0
  #scheduled = false

  constructor(backend: Backend, settings: Settings, events: CourierEvents) {
    this.#backend = backend
    this.#settings = settings
    this.#events = events
  }

  /** Nothing is in flight but claims that wait for work. */
  get isQuiet(): boolean {
    return this.#calls === 0 && this.#resting === 0 && this.#outbox.length === 0
  }

  /** Claims that wait for work are in flight. */
  get isClaiming(): boolean {
    return this.#waits > 0
  }

  settle(ended: Ended): void {
    this.#outbox.push(ended)
    this.nudge()
  }

  /** There may be something to carry. Looks once the promise callbacks that are ready have run. */
  nudge(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    process.nextTick(this.#go)
  }

  stopClaims(): void {
    this.#stopClaims.abort()
  }

  /** Gives up on repeating settlements that fail. */
  stopSettles(): void {
    this.#stopSettles.abort()
  }

  readonly #go = (): void => {
    this.#scheduled = false
    while (this.#calls < IN_FLIGHT) {
      const want = this.#events.wants()
      if (this.#outbox.length === 0 && want === undefined) break
      this.#calls++
      void this.#carry(this.#takeOutbox(), want).finally(this.#ended)
    }
    for (const want of this.#events.waits()) void this.#wait(want)
    if (this.isQuiet) this.#events.onQuiet()
  }

  readonly #ended = (): void => {
    this.#calls--
    this.#events.onQuiet()
    // Not at once: a backend that answers without leaving the thread would get its batches one by one.
    this.nudge()
  }

  #takeOutbox(): readonly Ended[] {
    const { settleBatch } = this.#backend.limits
    const taken = this.#outbox.length <= settleBatch ? this.#outbox : this.#outbox.splice(0, settleBatch)
    if (taken === this.#outbox) this.#outbox = []
    return this.#timely(taken)
  }

  #timely(outbox: readonly Ended[]): readonly Ended[] {
    return this.#backend.features.state ? outbox : outbox.filter((ended) => this.#isTimely(ended))
  }

  /** Where nothing fences a settlement, one that comes late would end someone else's attempt. */
  #isTimely(ended: Ended): boolean {
    if (this.#settings.runtime.clock.now() < ended.run.terms.deadline) return true
    this.#events.onSettled(ended, 'lost')
    return false
  }

  async #carry(outbox: readonly Ended[], want: Want | undefined): Promise<void> {
    if (want === undefined) return this.#settle(outbox)
    if (outbox.length === 0) return this.#claim(want)
    if (this.#backend.exchange !== undefined) return this.#exchange(outbox, want)
    await Promise.all([this.#settle(outbox), this.#claim(want)])
  }

  async #claim({ lane, limit }: Want): Promise<void> {
    const { signal } = this.#stopClaims
    await this.#claiming(new LaneClaim(lane, limit, false), () =>
      this.#backend.claim({ queue: lane.queue, limit, lease: this.#settings.lease, wait: 0 }, signal),
    )
  }

  async #wait({ lane, limit }: Want): Promise<void> {
    const { signal } = this.#stopClaims
    const { lease } = this.#settings
    const wait = Math.min(WAIT, Math.floor(lease / 3))
    const claim = new LaneClaim(lane, limit, true)
    const onComing = (jobs: number): void => {
      claim.comes(jobs)
      this.nudge()
    }
    this.#waits++
    try {
      await this.#claiming(claim, () =>
        this.#backend.claim({ queue: lane.queue, limit, lease, wait, onComing }, signal),
      )
    } finally {
      this.#waits--
      this.#events.onQuiet()
    }
  }

  async #exchange(outbox: readonly Ended[], { lane, limit }: Want): Promise<void> {
    const sentAt = this.#settings.runtime.clock.now()
    let exchanged: Exchanged | undefined
    await this.#claiming(new LaneClaim(lane, limit, false), async () => {
      exchanged = await this.#backend.exchange!(
        outbox.map(({ settlement }) => settlement),
        {
          queue: lane.queue,
          limit,
          lease: this.#settings.lease,
        },
      )
      return exchanged.claimed
    })
    if (exchanged === undefined) await this.#settle(outbox)
    else this.#settled(outbox, exchanged.settled, sentAt)
  }

  async #claiming(claim: LaneClaim, ask: () => Promise<readonly ClaimedJob[]>): Promise<void> {
    const { clock } = this.#settings.runtime
    const { lane, limit, waits } = claim
    const sentAt = clock.now()
    try {
      let jobs: readonly ClaimedJob[]
      try {
        jobs = await ask()
      } finally {
        claim.end()
      }
      lane.failures = 0
      lane.drained = jobs.length < limit
      this.#events.onClaimed(lane, jobs, sentAt, waits ? undefined : clock.now() - sentAt)
    } catch (error) {
      if (!this.#stopClaims.signal.aborted) this.#events.onClaimFailed(lane, error)
    }
  }

  async #settle(outbox: readonly Ended[]): Promise<void> {
    if (outbox.length === 0) return
    const { clock, random } = this.#settings.runtime
    const sentAt = clock.now()
    let left = outbox
    const send = async (): Promise<readonly Settled[]> => {
      left = this.#timely(left)
      return left.length === 0 ? [] : this.#backend.settle(left.map(({ settlement }) => settlement))
    }
    try {
      const replies = await persist(send, {
        clock,
        random,
        horizon: SETTLE_HORIZON,
        signal: this.#stopSettles.signal,
      })
      this.#settled(left, replies, sentAt)
    } catch (error) {
      this.#settings.instrumentation?.settled?.(infosOf(left), clock.now() - sentAt, error)
      this.#giveUp(left, error)
    }
  }

  #settled(outbox: readonly Ended[], replies: readonly Settled[], sentAt: Ms): void {
    const { instrumentation, runtime } = this.#settings
    instrumentation?.settled?.(infosOf(outbox), runtime.clock.now() - sentAt)
    for (let index = 0; index < outbox.length; index++) {
      const ended = outbox[index]!
      const reply = replies[index]!
      if (isBackendFailure(reply)) this.#refused(ended, reply)
      else this.#events.onSettled(ended, reply)
    }
  }

  /** The leases will end, and the jobs run again. */
  #giveUp(outbox: readonly Ended[], error: unknown): void {
    this.#events.onError(error)
    for (const ended of outbox) {
      this.#events.onUnsettled(ended.run)
      this.#events.onSettled(ended, 'lost')
    }
  }

  /** One settlement of a batch was refused. */
  #refused(ended: Ended, failure: BackendFailure): void {
    const { clock } = this.#settings.runtime
    const hopeless =
      !isPassing(failure) || this.#stopSettles.signal.aborted || clock.now() > ended.run.haul.since + SETTLE_HORIZON
    if (hopeless) {
      this.#giveUp([ended], failure)
      return
    }
    this.#resting++
    clock.schedule(REST, () => {
      this.#resting--
      this.settle(ended)
    })
  }
}

function infosOf(outbox: readonly Ended[]): readonly JobInfo[] {
  return outbox.map(({ run }) => run.info)
}
