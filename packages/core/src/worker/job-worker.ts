import type { Backend } from '../contract/backend.ts'
import type { ClaimedJob, JobId, Ms } from '../contract/job.ts'
import { makeDefinition } from '../definition/define-job.ts'
import { type } from '../definition/schema.ts'
import { isBackendFailure } from '../errors/backend-error.ts'
import { ShutdownError, UnsettledError } from '../errors/job-error.ts'
import { OptionError } from '../errors/option-error.ts'
import { policyOf } from '../retry/policy.ts'
import type { Attempted, ReturnReason } from '../retry/decide.ts'
import { toMs } from '../time/duration.ts'
import { Actions } from './handling/actions.ts'
import { abandoned } from './handling/attempt.ts'
import { Batch } from './handling/batch.ts'
import { BlockWatch } from './block-watch.ts'
import { Conclusions } from './handling/conclusion.ts'
import { Courier } from './intake/courier.ts'
import { Demand } from './intake/demand.ts'
import { Emitter } from './emitter.ts'
import type { Handler, OneHandler } from './handling/handler.ts'
import { Intake } from './intake/intake.ts'
import { Keeper } from './keeper.ts'
import type { Lane } from './intake/lane.ts'
import { checkConcurrency, toSettings, type Settings, type WorkerOptions } from './options.ts'
import { tellOutcome } from './outcome-events.ts'
import { Performer } from './handling/performer.ts'
import { Quarantine } from './intake/quarantine.ts'
import { receive } from './intake/reception.ts'
import { RateLimit } from './intake/rate-limit.ts'
import { Run } from './run.ts'
import { closeOnSignals } from './signals.ts'
import { Waiting } from './waiting.ts'
import type { CloseOptions, RunOptions, Worker } from './worker.ts'

/** Handlers started in a row before the event loop gets its turn, for timers, signals and sockets. */
const BURST = 256
/** Before a job that waited in quarantine for too long is tried again, here or elsewhere. */
const SUSPECT_REST: Ms = 1_000
/** Claimed so slowly, or kept waiting so long, that its lease might be over before it starts. */
const TOO_LATE: Attempted = { kind: 'returned', delay: 0, reason: 'lost' }
/** For what is on its way when everything else has stopped. */
const CLOSE_TIMEOUT: Ms = 10_000

export class JobWorker extends Emitter implements Worker {
  readonly #backend: Backend
  readonly #settings: Settings
  readonly #handlers: Map<string, Handler>
  readonly #rateLimit: RateLimit | undefined
  readonly #demand: Demand
  readonly #intake: Intake
  readonly #courier: Courier
  readonly #keeper: Keeper
  readonly #conclusions: Conclusions
  readonly #quarantine: Quarantine
  readonly #blockWatch: BlockWatch
  readonly #waiting: Waiting
  readonly #actions: Actions
  readonly #performer: Performer
  readonly #batchRoom: number
  #concurrency: number
  #state: 'new' | 'working' | 'paused' | 'closing' | 'closed' = 'new'
  #running = 0
  #concluding = 0
  #burst = 0
  #pumping = false
  #idle = false
  #starting: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #fatal: Error | undefined
  readonly #unsettled: JobId[] = []
  #pumpTimer: (() => void) | undefined
  readonly #hurry = new AbortController()
  readonly #closed = Promise.withResolvers<void>()

  constructor(backend: Backend, handlers: readonly Handler[], options: WorkerOptions) {
    super()
    this.#backend = backend
    this.#settings = toSettings(backend, handlers, options)
    const { runtime, lanes, claimAhead, rateLimit, maxCrashes, blockedAfter } = this.#settings
    const onError = (error: unknown): void => this.tell('error', error)
    this.#handlers = new Map(handlers.map((handler) => [handler.definition.name, handler]))
    this.#batchRoom = Math.max(0, ...handlers.map((handler) => (handler.kind === 'many' ? handler.size - 1 : 0)))
    this.#concurrency = this.#settings.concurrency
    this.#rateLimit = rateLimit && new RateLimit(rateLimit.limit, rateLimit.per)
    this.#demand = new Demand(claimAhead)
    this.#intake = new Intake({
      lanes,
      claimBatch: backend.limits.claimBatch,
      demand: this.#demand,
      rateLimit: this.#rateLimit,
      now: () => runtime.clock.now(),
      room: () =>
        this.#state === 'working'
          ? this.#concurrency - this.#running - this.#quarantine.length + this.#batchRoom
          : -Infinity,
    })
    this.#courier = new Courier(backend, this.#settings, {
      wants: () => this.#intake.next(),
      waits: () => this.#intake.waits(),
      onClaimed: (lane, jobs, sentAt, took) => this.#claimed(lane, jobs, sentAt, took),
      onClaimFailed: (lane, error) => this.#claimFailed(lane, error),
      onSettled: (ended, reply) => {
        if (this.#quarantine.settled(ended.run)) this.#beginNextSuspect()
        tellOutcome(this, ended, reply)
      },
      onQuiet: () => this.#checkIdle(),
      onUnsettled: (run) => {
        if (this.#state === 'closing') this.#unsettled.push(run.claimed.lease.id)
      },
      onError,
    })
    this.#keeper = new Keeper(backend, this.#settings, {
      onAbandon: (run) => this.#abandon(run),
      onLostUnstarted: (run) => this.#end(run, { kind: 'returned', delay: 0, reason: 'ahead' }),
      onStale: () => this.#releaseStale(),
      onError,
    })
    this.#conclusions = new Conclusions(backend, runtime.random, onError)
    this.#quarantine = new Quarantine(maxCrashes)
    this.#blockWatch = new BlockWatch({
      clock: runtime.clock,
      after: blockedAfter,
      running: () => [...this.#keeper].filter((run) => run.state === 'running').map((run) => run.claimed.name),
      report: (blockage) => this.tell('blocked', blockage),
    })
    this.#waiting = new Waiting(runtime.clock)
    this.#actions = new Actions(backend, this.#conclusions, this, runtime.clock)
    this.#performer = new Performer(backend, this.#actions, (run, attempted) => this.#end(run, attempted))
  }

  get concurrency(): number {
    return this.#concurrency
  }

  set concurrency(concurrency: number) {
    this.#concurrency = checkConcurrency(concurrency)
    this.#pump()
  }

  get running(): number {
    return this.#running
  }

  get ready(): number {
    return this.#intake.ready
  }

  get isIdle(): boolean {
    return this.#idle
  }

  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async run(options: RunOptions = {}): Promise<void> {
    const stopListening = closeOnSignals(this, options)
    try {
      await this.start()
      await this.#closed.promise
    } finally {
      stopListening()
    }
    if (this.#fatal !== undefined) throw this.#fatal
  }

  pause(): void {
    if (this.#state !== 'working') return
    this.#state = 'paused'
    this.#release('paused')
  }

  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'working'
    this.#pump()
  }

  close(options: CloseOptions = {}): Promise<void> {
    const grace = toMs(options.grace ?? '20s', 'grace')
    if (this.#closing === undefined) this.#closing = this.#close(grace)
    else void this.#settings.runtime.clock.schedule(grace, () => this.#hurry.abort(), { background: true })
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #start(): Promise<void> {
    if (this.#state !== 'new') throw new OptionError('worker', 'is closed; create a new one with createWorker')
    await this.#backend.open()
    if (this.#state !== 'new') return
    this.#state = 'working'
    this.#demand.wake(this.#settings.runtime.clock.now())
    this.#blockWatch.start()
    this.#courier.nudge()
  }

  async #close(grace: Ms): Promise<void> {
    const { abortGrace } = this.#settings
    this.#state = 'closing'
    this.#courier.stopClaims()
    for (const lane of this.#settings.lanes) lane.endRest?.()
    this.#pumpTimer?.()
    this.#release('closing')
    const isDone = (): boolean => this.#running === 0
    await this.#waiting.until(isDone, grace, this.#hurry.signal)
    for (const run of this.#keeper) {
      if (run.state === 'running') this.#keeper.abort(run, new ShutdownError(run.claimed.lease.id))
    }
    await this.#waiting.until(isDone, abortGrace + 1_000)
    const isSettled = (): boolean => this.#courier.isQuiet && !this.#courier.isClaiming && this.#concluding === 0
    await this.#waiting.until(isSettled, CLOSE_TIMEOUT)
    this.#courier.stopSettles()
    await this.#waiting.until(isSettled, 1_000)
    this.#keeper.stop()
    this.#blockWatch.stop()
    this.#state = 'closed'
    const unsettled = this.#unsettled.length === 0 ? undefined : new UnsettledError(this.#unsettled)
    this.#fatal ??= unsettled
    this.#closed.resolve()
    if (unsettled !== undefined) throw unsettled
  }

  #claimed(lane: Lane, jobs: readonly ClaimedJob[], sentAt: Ms, took: Ms): void {
    if (took > 0) this.#demand.answered(took)
    if (jobs.length > 0) {
      if (lane.waiting && this.#keeper.size === 0) this.#demand.wake(this.#settings.runtime.clock.now())
      this.#idle = false
      this.#intake.claimed(lane, jobs.length)
      for (const job of jobs) this.#receive(lane, job, sentAt)
    }
    this.#pump()
  }

  #receive(lane: Lane, job: ClaimedJob, sentAt: Ms): void {
    const { lease, margin } = this.#settings
    const known = this.#handlers.get(job.name)
    const isKnown = known !== undefined
    const handler = known ?? stranger(job)
    const policy = policyOf(handler.definition.policy, job.policy)
    const now = this.#settings.runtime.clock.now()
    const run = new Run(job, lane, handler, policy, now, sentAt + lease - margin, sentAt + lease / 3)
    const verdict = receive(run, {
      settings: this.#settings,
      refusing: this.#state === 'working' ? undefined : this.#state === 'paused' ? 'paused' : 'closing',
      isKnown,
    })
    if (verdict === 'run' || verdict === 'run with care') {
      this.#keeper.hold(run)
      if (verdict === 'run') lane.add(run)
      else this.#beginWithCare(run)
      return
    }
    if (!isKnown && this.#state === 'working') this.tell('unknown', run.info)
    this.#end(run, verdict)
  }

  /** A job that has crashed before is begun only once that is on record; those that are close to death one at a time. */
  #beginWithCare(run: Run): void {
    if (!this.#quarantine.isSuspect(run)) {
      void this.#reportBegun(run)
      return
    }
    this.#quarantine.add(run)
    this.#beginNextSuspect()
  }

  #beginNextSuspect(): void {
    const run = this.#quarantine.next()
    if (run !== undefined) void this.#reportBegun(run)
  }

  async #reportBegun(run: Run): Promise<void> {
    try {
      const reply = await this.#actions.begun(run)
      if (isBackendFailure(reply)) throw reply
      run.lost ||= reply === 'lost'
      if (run.lost) this.#end(run, { kind: 'returned', delay: 0, reason: 'suspect' })
      else if (run.state === 'ready') run.lane.add(run)
      this.#pump()
    } catch (error) {
      this.tell('error', error)
      this.#end(run, { kind: 'returned', delay: SUSPECT_REST, reason: 'suspect' })
    }
  }

  #claimFailed(lane: Lane, error: unknown): void {
    this.tell('error', error)
    if (isBackendFailure(error) && (error.code === 'closed' || error.code === 'unsupported')) {
      this.#fatal = error
      this.close().catch(() => {}) // `run` tells of it
      return
    }
    const { clock, random } = this.#settings.runtime
    const patience = isBackendFailure(error) && error.retryable ? Math.min(2_000, 50 * 2 ** lane.failures) : 5_000
    const rest = patience * (1 - random() / 2)
    lane.failures++
    lane.restUntil = clock.now() + rest
    lane.endRest?.()
    lane.endRest = clock.schedule(rest, () => this.#courier.nudge())
  }

  /** Starts what is ready while there are free slots. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    const { clock } = this.#settings.runtime
    let now = clock.now()
    while (this.#state === 'working' && this.#running < this.#concurrency) {
      const lane = this.#intake.nextReady()
      if (lane === undefined || !this.#mayStart(now)) break
      const next = lane.next()
      if (next === undefined) continue
      this.#intake.started(lane)
      if (Array.isArray(next)) this.#startBatch(next, now)
      else this.#startOne(next, now)
      const after = clock.now()
      this.#blockWatch.note(Array.isArray(next) ? next[0]!.claimed.name : next.claimed.name, after - now)
      now = after
    }
    this.#pumping = false
    const wait = this.#rateLimit?.wait(now) ?? 0
    if (wait > 0) this.#pumpLater(wait)
    this.#courier.nudge()
  }

  #mayStart(now: Ms): boolean {
    if (this.#burst === 0) setImmediate(this.#nextBurst)
    if (this.#burst++ >= BURST) return false
    if (this.#rateLimit === undefined) return true
    if (this.#rateLimit.wait(now) > 0) return false
    this.#rateLimit.start(now)
    return true
  }

  readonly #nextBurst = (): void => {
    const wasFull = this.#burst > BURST
    this.#burst = 0
    if (wasFull) this.#pump()
  }

  #startOne(run: Run, now: Ms): void {
    if (run.deadline <= now) return this.#end(run, TOO_LATE)
    this.#running++
    this.#begin(run, now)
    this.#performer.perform(run)
  }

  #startBatch(claimed: readonly Run[], now: Ms): void {
    for (const run of claimed) if (run.deadline <= now) this.#end(run, TOO_LATE)
    const runs = claimed.filter(({ state }) => state === 'ready')
    if (runs.length === 0) return
    this.#running++
    const batch = new Batch(runs.length)
    for (const run of runs) {
      run.batch = batch
      this.#begin(run, now)
    }
    void this.#performer.performMany(runs)
  }

  #begin(run: Run, now: Ms): void {
    run.state = 'running'
    if (run.policy.timeout !== undefined) {
      run.timeoutAt = now + run.policy.timeout
      this.#keeper.started(run)
    }
    if (this.listenerCount('started') > 0) this.tell('started', run.info)
  }

  /** The run leaves the worker's hands; its slot is free before its outcome is stored. */
  #end(run: Run, attempted: Attempted): void {
    if (run.state === 'ended') return
    this.#letGo(run)
    if (run.lost) {
      if (this.#quarantine.settled(run)) this.#beginNextSuspect()
      this.tell('lost', run.info)
    } else this.#conclude(run, attempted)
    this.#pump()
    this.#waiting.check()
  }

  #letGo(run: Run): void {
    if (run.state === 'running') this.#freeSlot(run)
    run.state = 'ended'
    this.#keeper.drop(run)
  }

  #freeSlot({ batch }: Run): void {
    this.#demand.count()
    if (batch === undefined || --batch.open === 0) this.#running--
  }

  #conclude(run: Run, attempted: Attempted): void {
    const conclusion = this.#conclusions.of(run, attempted)
    if (!(conclusion instanceof Promise)) {
      this.#courier.settle({ run, settlement: conclusion.settlement, attempted: conclusion.attempted })
      return
    }
    this.#concluding++
    void conclusion
      .then((late) => this.#courier.settle({ run, ...late }))
      .catch((error: unknown) => this.tell('error', error))
      .finally(() => this.#concluding--)
  }

  #abandon(run: Run): void {
    run.abandonAt = Infinity
    this.tell('abandoned', run.info, { reason: run.aborted! })
    this.#end(run, abandoned(run))
  }

  /** Gives back what was claimed and not started. */
  #release(reason: ReturnReason): void {
    for (const lane of this.#settings.lanes) {
      for (const run of lane.takeAll()) this.#end(run, { kind: 'returned', delay: 0, reason })
    }
    for (const run of this.#quarantine.takeAll())
      this.#end(run, { kind: 'returned', delay: SUSPECT_REST, reason: 'suspect' })
    if (reason === 'ahead') return
    // Those whose beginning is being put on record.
    for (const run of this.#keeper) if (run.state === 'ready') this.#end(run, { kind: 'returned', delay: 0, reason })
  }

  #releaseStale(): void {
    if (this.#state !== 'working') return
    this.#demand.reset(this.#settings.runtime.clock.now())
    this.#release('ahead')
  }

  #pumpLater(delay: Ms): void {
    if (this.#pumpTimer !== undefined || this.#state !== 'working') return
    this.#pumpTimer = this.#settings.runtime.clock.schedule(delay, () => {
      this.#pumpTimer = undefined
      this.#pump()
    })
  }

  #checkIdle(): void {
    this.#waiting.check()
    if (this.#idle || this.#state !== 'working') return
    const isQuiet = this.#keeper.size === 0 && this.#concluding === 0 && this.#courier.isQuiet
    if (!isQuiet || !this.#settings.lanes.every((lane) => lane.waiting)) return
    this.#idle = true
    this.tell('idle')
  }
}

/** Stands in for the handler of a job that nobody here knows. */
function stranger({ name }: ClaimedJob): OneHandler {
  return { kind: 'one', definition: makeDefinition(name, { input: type() }), run: () => undefined }
}
