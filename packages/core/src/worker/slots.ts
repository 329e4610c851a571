import type { Ms } from '../contract/job.ts'
import type { Clock } from '../time/clock.ts'
import { Batch } from './handling/batch.ts'
import type { Performer } from './handling/performer.ts'
import type { Intake } from './intake/intake.ts'
import type { RateLimit } from './intake/rate-limit.ts'
import { checkConcurrency } from './options.ts'
import type { Moment, Run } from './run.ts'

/** How many handlers are started in a row, and for how long, before the event loop gets its turn, for timers, signals and sockets. */
const BURST = 1024
const BURST_TIME: Ms = 5

const READY = Promise.resolve()

export interface SlotsOptions {
  readonly clock: Clock
  readonly concurrency: number
  readonly intake: Intake
  readonly performer: Performer
  readonly rateLimit: RateLimit | undefined
  /** Whether anything may start now. */
  readonly isOpen: () => boolean
  /** The handler of a run is about to be called. */
  readonly onStart: (run: Run) => void
  /** The lease of a run might be over, so it must not start. */
  readonly onTooLate: (run: Run) => void
  /** A handler kept the thread to itself for so long before it first let go. */
  readonly onReturn: (job: string, ms: Ms) => void
  /** All that can be started is. */
  readonly onFilled: () => void
}

/** The slots in which handlers run. */
export class Slots {
  readonly #options: SlotsOptions
  #concurrency: number
  #taken = 0
  #burst = 0
  #burstBegan: Ms = 0
  #isCut = false
  #filling = false
  #refilling = false
  #timer: (() => void) | undefined
  /** When the runs have ended that left since the newest look at the clock: known at the next one, a few callbacks later, which spares one for each. */
  #now: Moment = { at: 0 }
  #isNowAwaited = false

  constructor(options: SlotsOptions) {
    this.#options = options
    this.#concurrency = options.concurrency
  }

  get concurrency(): number {
    return this.#concurrency
  }

  set concurrency(concurrency: number) {
    this.#concurrency = checkConcurrency(concurrency)
    this.fill()
  }

  get taken(): number {
    return this.#taken
  }

  /** Starts what is ready while there are free slots. */
  fill(): void {
    if (this.#filling) return
    this.#filling = true
    const { intake, isOpen, onReturn, onFilled } = this.#options
    let now = this.#look()
    while (isOpen() && this.#taken < this.#concurrency) {
      const lane = intake.nextReady()
      if (lane === undefined || !this.#mayStart(now)) break
      const next = lane.next()
      if (next === undefined) continue
      intake.started(lane)
      if (Array.isArray(next)) this.#startBatch(next, now)
      else this.#startOne(next, now)
      const after = this.#look()
      onReturn(Array.isArray(next) ? next[0]!.claimed.name : next.claimed.name, after - now)
      now = after
    }
    this.#filling = false
    this.#fillWhenAllowed(now)
    onFilled()
  }

  /**
   * A slot may be free. While other handlers run, it is filled once the promise callbacks that are ready have run: handlers mostly end many in a
   * row, and what starts in their places starts together, which spares a look at the clock for each.
   */
  refill(): void {
    if (this.#taken === 0) return this.fill()
    if (this.#filling || this.#refilling) return
    this.#refilling = true
    void READY.then(this.#refill)
  }

  /** A run has left its slot; those of a batch share one. */
  leave(run: Run): void {
    const { batch } = run
    run.ended = this.#now
    this.#isNowAwaited = true
    if (batch === undefined || --batch.open === 0) this.#taken--
  }

  stop(): void {
    this.#timer?.()
  }

  #mayStart(now: Ms): boolean {
    if (this.#burst === 0) {
      this.#burstBegan = now
      setImmediate(this.#nextBurst)
    }
    if (this.#burst === BURST || now - this.#burstBegan > BURST_TIME) this.#isCut = true
    if (this.#isCut) return false
    this.#burst++
    const { rateLimit } = this.#options
    if (rateLimit === undefined) return true
    if (rateLimit.wait(now) > 0) return false
    rateLimit.start(now)
    return true
  }

  #look(): Ms {
    const now = this.#options.clock.now()
    if (this.#isNowAwaited) {
      this.#now.at = now
      this.#now = { at: now }
      this.#isNowAwaited = false
    }
    return now
  }

  readonly #nextBurst = (): void => {
    const wasCut = this.#isCut
    this.#isCut = false
    this.#burst = 0
    if (wasCut) this.fill()
  }

  readonly #refill = (): void => {
    this.#refilling = false
    this.fill()
  }

  #fillWhenAllowed(now: Ms): void {
    const { rateLimit, clock, isOpen } = this.#options
    const wait = rateLimit?.wait(now) ?? 0
    if (wait === 0 || this.#timer !== undefined || !isOpen()) return
    this.#timer = clock.schedule(wait, () => {
      this.#timer = undefined
      this.fill()
    })
  }

  #startOne(run: Run, now: Ms): void {
    const { performer, onTooLate } = this.#options
    if (run.terms.deadline <= now) return onTooLate(run)
    this.#taken++
    this.#start(run, now)
    performer.perform(run)
  }

  #startBatch(claimed: readonly Run[], now: Ms): void {
    const { performer, onTooLate } = this.#options
    const runs = claimed.filter((run) => run.terms.deadline > now)
    for (const run of claimed) if (run.terms.deadline <= now) onTooLate(run)
    if (runs.length === 0) return
    this.#taken++
    const batch = new Batch(runs.length)
    for (const run of runs) {
      run.batch = batch
      this.#start(run, now)
    }
    void performer.performMany(runs)
  }

  #start(run: Run, now: Ms): void {
    run.state = 'running'
    run.startedAt = now
    if (run.policy.timeout !== undefined) run.change({ timeoutAt: now + run.policy.timeout })
    this.#options.onStart(run)
  }
}
