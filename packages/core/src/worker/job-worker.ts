import type { Backend } from '../contract/backend.ts'
import type { ClaimedJob, JobId, Ms } from '../contract/job.ts'
import { jobInfo } from '../definition/job-info.ts'
import { isBackendFailure } from '../errors/backend-error.ts'
import { ShutdownError, UnsettledError } from '../errors/job-error.ts'
import { InvalidValueError } from '../errors/schema-error.ts'
import { ClosedError } from '../errors/closed-error.ts'
import type { Attempted, ReturnReason } from '../retry/decide.ts'
import { missingStore } from '../store/missing-store.ts'
import { toMs } from '../time/duration.ts'
import { Actions } from './handling/actions.ts'
import { abandoned, hopeless } from './handling/attempt.ts'
import { BlockWatch } from './block-watch.ts'
import { Conclusions } from './handling/conclusion.ts'
import { Notices } from './handling/notices.ts'
import { CarefulStart } from './intake/careful-start.ts'
import { Courier, type Ended } from './intake/courier.ts'
import { Demand } from './intake/demand.ts'
import { Emitter } from './emitter.ts'
import type { Handler } from './handling/handler.ts'
import { Intake } from './intake/intake.ts'
import { Keeper } from './keeper.ts'
import type { Lane } from './intake/lane.ts'
import { Payloads } from './intake/payloads.ts'
import { toSettings, type Settings, type WorkerOptions } from './options.ts'
import { tellOutcome } from './outcome-events.ts'
import { Performer } from './handling/performer.ts'
import { readPolicy, receive, stranger } from './intake/reception.ts'
import { RateLimit } from './intake/rate-limit.ts'
import { Run, type Haul } from './run.ts'
import { closeOnSignals } from './signals.ts'
import { Slots } from './slots.ts'
import { Waiting } from './waiting.ts'
import type { CloseOptions, RunOptions, Worker } from './worker.ts'

/** Claimed so slowly, or kept waiting so long, that its lease might be over before it starts. */
const TOO_LATE: Attempted = { kind: 'returned', delay: 0, reason: 'lost' }
/** For what is on its way when everything else has stopped. */
const CLOSE_TIMEOUT: Ms = 10_000

export class JobWorker extends Emitter implements Worker {
  readonly #backend: Backend
  readonly #settings: Settings
  readonly #handlers: Map<string, Handler>
  readonly #demand: Demand
  readonly #intake: Intake
  readonly #courier: Courier
  readonly #keeper: Keeper
  readonly #conclusions: Conclusions
  readonly #notices: Notices
  readonly #carefulStart: CarefulStart
  readonly #slots: Slots
  readonly #blockWatch: BlockWatch
  readonly #waiting: Waiting
  #state: 'new' | 'working' | 'paused' | 'closing' | 'closed' = 'new'
  #concluding = 0
  #idle = false
  #starting: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #fatal: Error | undefined
  readonly #unsettled: JobId[] = []
  readonly #hurry = new AbortController()
  readonly #closed = Promise.withResolvers<void>()

  constructor(backend: Backend, handlers: readonly Handler[], options: WorkerOptions) {
    super()
    this.#backend = backend
    this.#settings = toSettings(backend, handlers, options)
    const { runtime, lanes, claimAhead, maxCrashes, blockedAfter, notify, instrumentation } = this.#settings
    const { clock } = runtime
    const rateLimit = this.#settings.rateLimit && new RateLimit(this.#settings.rateLimit)
    const onError = (error: unknown): void => this.tell('error', error)
    this.#handlers = new Map(handlers.map((handler) => [handler.definition.name, handler]))
    const batchRoom = Math.max(0, ...handlers.map((handler) => (handler.kind === 'many' ? handler.size - 1 : 0)))
    this.#demand = new Demand(claimAhead)
    this.#intake = new Intake({
      lanes,
      claimBatch: backend.limits.claimBatch,
      demand: this.#demand,
      rateLimit,
      now: () => clock.now(),
      room: () =>
        this.#state === 'working'
          ? this.#slots.concurrency - this.#slots.taken - this.#carefulStart.waiting + batchRoom
          : -Infinity,
    })
    this.#courier = new Courier(backend, this.#settings, {
      wants: () => this.#intake.next(),
      waits: () => this.#intake.waits(),
      onClaimed: (lane, jobs, sentAt, took) => this.#claimed(lane, jobs, sentAt, took),
      onClaimFailed: (lane, error) => this.#claimFailed(lane, error),
      onSettled: (ended, reply) => {
        this.#carefulStart.settled(ended.run)
        tellOutcome(this, ended, reply, instrumentation)
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
    this.#notices = new Notices({ rules: notify, limits: backend.limits, onError })
    this.#conclusions = new Conclusions(backend, runtime.random, this.#notices)
    this.#blockWatch = new BlockWatch({
      clock,
      after: blockedAfter,
      running: () => [...this.#keeper].filter((run) => run.state === 'running').map((run) => run.claimed.name),
      report: (blockage) => this.tell('blocked', blockage),
    })
    this.#waiting = new Waiting(clock)
    const actions = new Actions(backend, this.#conclusions, this, clock)
    this.#carefulStart = new CarefulStart({
      maxCrashes,
      report: (run) => actions.begun(run),
      onReady: (run) => {
        run.haul.lane.add(run)
        this.#slots.fill()
      },
      onReturn: (run, delay) => this.#end(run, { kind: 'returned', delay, reason: 'suspect' }),
      onError,
    })
    this.#slots = new Slots({
      clock,
      rateLimit,
      concurrency: this.#settings.concurrency,
      intake: this.#intake,
      performer: new Performer(backend, actions, instrumentation?.process, (run, attempted) =>
        this.#end(run, attempted),
      ),
      isOpen: () => this.#state === 'working',
      onStart: (run) => {
        this.#keeper.started(run)
        if (this.listenerCount('started') > 0) this.tell('started', run.info)
      },
      onTooLate: (run) => this.#end(run, TOO_LATE),
      onReturn: (job, ms) => this.#blockWatch.note(job, ms),
      onFilled: () => this.#courier.nudge(),
    })
  }

  get concurrency(): number {
    return this.#slots.concurrency
  }

  set concurrency(concurrency: number) {
    this.#slots.concurrency = concurrency
  }

  get running(): number {
    return this.#slots.taken
  }

  get ready(): number {
    return this.#intake.ready
  }

  get isIdle(): boolean {
    return this.#idle
  }

  start(): Promise<void> {
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = undefined
      throw error
    })
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
    this.#slots.fill()
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
    if (this.#state !== 'new') throw new ClosedError('worker', 'createWorker')
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
    this.#slots.stop()
    this.#release('closing')
    const isDone = (): boolean => this.#slots.taken === 0
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
    this.#settings.instrumentation?.detach?.(this)
    const unsettled = this.#unsettled.length === 0 ? undefined : new UnsettledError(this.#unsettled)
    this.#fatal ??= unsettled
    this.#closed.resolve()
    if (unsettled !== undefined) throw unsettled
  }

  #claimed(lane: Lane, jobs: readonly ClaimedJob[], sentAt: Ms, took: Ms | undefined): void {
    if (took !== undefined && took > 0) this.#demand.answered(took)
    if (jobs.length > 0) {
      if (took === undefined && this.#keeper.size === 0) this.#demand.wake(this.#settings.runtime.clock.now())
      this.#idle = false
      this.#intake.claimed(lane, jobs.length, took === undefined)
      const { runtime, lease, margin, instrumentation } = this.#settings
      const haul: Haul = {
        lane,
        payloads: new Payloads(jobs),
        since: runtime.clock.now(),
        terms: {
          deadline: sentAt + lease - margin,
          beat: sentAt + lease / 3,
          timeoutAt: Infinity,
          abandonAt: Infinity,
        },
      }
      const misled = missingStore(this.#backend, jobs)
      if (misled !== undefined) {
        this.tell('error', misled)
        this.#giveUp(misled)
      }
      instrumentation?.received?.(lane.queue, jobs.map(jobInfo), haul.since - sentAt)
      for (let index = 0; index < jobs.length; index++) this.#receive(haul, jobs[index]!, index)
    }
    this.#slots.fill()
  }

  #receive(haul: Haul, job: ClaimedJob, index: number): void {
    const known = this.#handlers.get(job.name)
    const handler = known ?? stranger(job)
    const { definition } = handler
    const policy = readPolicy(definition, job)
    const run = new Run(job, haul, index, handler, policy ?? definition.policy)
    const isWorking = this.#state === 'working'
    const verdict =
      policy === undefined
        ? hopeless(new InvalidValueError('policy', job.name, [{ path: '', message: 'is not readable' }]))
        : isWorking
          ? receive(job, known !== undefined, this.#settings)
          : ({ kind: 'returned', delay: 0, reason: this.#state === 'paused' ? 'paused' : 'closing' } as const)
    if (verdict === 'run' || verdict === 'run with care') {
      this.#keeper.hold(run)
      if (verdict === 'run') haul.lane.add(run)
      else {
        this.#tellStalled(run)
        this.#carefulStart.begin(run)
      }
      return
    }
    if (known === undefined && isWorking) this.tell('unknown', run.info)
    this.#end(run, verdict)
  }

  /** At once: the outcome, which tells it for certain, may be a long time away. */
  #tellStalled(run: Run): void {
    const notifications = this.#notices.stalled(run)
    if (notifications.length === 0) return
    this.#backend.enqueue(notifications).catch((error: unknown) => this.tell('error', error))
  }

  #claimFailed(lane: Lane, error: unknown): void {
    this.tell('error', error)
    if (isBackendFailure(error) && (error.code === 'closed' || error.code === 'unsupported')) {
      this.#giveUp(error)
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

  #giveUp(reason: Error): void {
    this.#fatal = reason
    this.close().catch(() => {}) // `run` tells of it
  }

  /** The run leaves the worker's hands; its slot is free before its outcome is stored. */
  #end(run: Run, attempted: Attempted): void {
    if (run.state === 'ended') return
    if (run.state === 'running') {
      this.#demand.count()
      this.#slots.leave(run)
    }
    run.state = 'ended'
    this.#keeper.drop(run)
    if (run.lost) {
      this.#carefulStart.settled(run)
      this.tell('lost', run.info)
    } else this.#conclude(run, attempted)
    this.#slots.refill()
    this.#waiting.check()
  }

  #conclude(run: Run, attempted: Attempted): void {
    const ended = this.#conclusions.of(run, attempted)
    if (ended instanceof Promise) this.#concludeWith(ended)
    else this.#courier.settle(ended)
  }

  #concludeWith(ended: Promise<Ended>): void {
    this.#concluding++
    void ended
      .then((late) => this.#courier.settle(late))
      .catch((error: unknown) => this.tell('error', error))
      .finally(() => this.#concluding--)
  }

  #abandon(run: Run): void {
    run.change({ abandonAt: Infinity })
    this.tell('abandoned', run.info, { reason: run.aborted! })
    this.#end(run, abandoned(run))
  }

  /** Gives back what was claimed and not started. */
  #release(reason: ReturnReason): void {
    for (const lane of this.#settings.lanes) {
      for (const run of lane.takeAll()) this.#end(run, { kind: 'returned', delay: 0, reason })
    }
    this.#carefulStart.release()
    if (reason === 'ahead') return
    // Those whose beginning is being put on record.
    for (const run of this.#keeper) if (run.state === 'ready') this.#end(run, { kind: 'returned', delay: 0, reason })
  }

  #releaseStale(): void {
    if (this.#state !== 'working') return
    this.#demand.reset(this.#settings.runtime.clock.now())
    this.#release('ahead')
  }

  #checkIdle(): void {
    this.#waiting.check()
    if (this.#idle || this.#state !== 'working') return
    const isQuiet = this.#keeper.size === 0 && this.#concluding === 0 && this.#courier.isQuiet
    if (!isQuiet || !this.#settings.lanes.every((lane) => lane.waiting && lane.coming === 0)) return
    this.#idle = true
    this.tell('idle')
  }
}
