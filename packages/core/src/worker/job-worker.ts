import { Batcher } from '../batch/batcher.ts'
import type { Backend } from '../contract/backend.ts'
import type { BackendFailure } from '../contract/failure.ts'
import type { ClaimedJob, Ms } from '../contract/job.ts'
import type { Report, Settled } from '../contract/settlement.ts'
import { makeDefinition } from '../definition/define-job.ts'
import { InvalidValueError } from '../errors/schema-error.ts'
import { type } from '../definition/schema.ts'
import { decodeValue, encodeValue } from '../definition/value.ts'
import { encode, NotJson } from '../encoding/json.ts'
import { isBackendFailure } from '../errors/backend-error.ts'
import { JobCrashedError, LeaseLostError, ShutdownError, UnknownJobError } from '../errors/job-error.ts'
import { OptionError, UnsupportedError } from '../errors/option-error.ts'
import { policyOf } from '../retry/policy.ts'
import type { Attempted, ReturnReason } from '../retry/decide.ts'
import { toMs } from '../time/duration.ts'
import { abandoned, failed, hopeless, returned, threw } from './attempt.ts'
import { Batch } from './batch.ts'
import { BlockWatch } from './block-watch.ts'
import { Conclusions } from './conclusion.ts'
import { BatchContext, Context, type ContextActions } from './context.ts'
import { Courier, type Ended } from './courier.ts'
import { Demand } from './demand.ts'
import { Emitter } from './emitter.ts'
import { encodeLogLine, type Handler, type ManyHandler, type OneHandler } from './handler.ts'
import { Intake } from './intake.ts'
import { Keeper } from './keeper.ts'
import type { Lane } from './lane.ts'
import { checkConcurrency, toSettings, type Settings, type WorkerOptions } from './options.ts'
import { Quarantine } from './quarantine.ts'
import { RateLimit } from './rate-limit.ts'
import { Run } from './run.ts'
import { closeOnSignals } from './signals.ts'
import { Waiting } from './waiting.ts'
import type { CloseOptions, RunOptions, Worker } from './worker.ts'

/** Handlers started in a row before the event loop gets its turn, for timers, signals and sockets. */
const BURST = 256
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
  readonly #reports: Batcher<Report, Settled> | undefined
  readonly #waiting: Waiting
  readonly #actions: ContextActions
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
  #fatal: unknown
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
      room: () => (this.#state === 'working' ? this.#concurrency - this.#running + this.#batchRoom : -Infinity),
    })
    this.#courier = new Courier(backend, this.#settings, {
      wants: () => this.#intake.next(),
      waits: () => this.#intake.waits(),
      onClaimed: (lane, jobs, sentAt, took) => this.#claimed(lane, jobs, sentAt, took),
      onClaimFailed: (lane, error) => this.#claimFailed(lane, error),
      onSettled: (ended, reply) => this.#settled(ended, reply),
      onQuiet: () => this.#checkIdle(),
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
    this.#reports =
      backend.report &&
      new Batcher({ max: backend.limits.settleBatch, inFlight: 1, send: (reports) => this.#backend.report!(reports) })
    this.#waiting = new Waiting(runtime.clock)
    this.#actions = {
      progress: (run, value) => this.#progress(run, value),
      log: (run, message) => this.#log(run, message),
      followUp: (run, definition, input, followOptions) => {
        run.followUps ??= []
        const job = this.#conclusions.followUp(run, definition, input, followOptions, run.followUps.length)
        job.catch(() => {}) // it is awaited, and its failure met, when the handler has returned
        run.followUps.push(job)
      },
      complete: (run, tx, result) => this.#complete(run, tx, result),
    }
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
    this.#release('closing')
    const isDone = (): boolean => this.#running === 0
    await this.#waiting.until(isDone, grace, this.#hurry.signal)
    for (const run of [...this.#keeper]) {
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
    this.#closed.resolve()
  }

  // ── from claim to start ──

  #claimed(lane: Lane, jobs: readonly ClaimedJob[], sentAt: Ms, took: Ms): void {
    if (took > 0) this.#demand.answered(took)
    if (jobs.length > 0) {
      if (this.#idle || this.#keeper.size === 0) this.#demand.wake(this.#settings.runtime.clock.now())
      this.#idle = false
      this.#intake.claimed(lane, jobs.length)
      for (const job of jobs) this.#receive(lane, job, sentAt)
    }
    this.#pump()
  }

  #receive(lane: Lane, job: ClaimedJob, sentAt: Ms): void {
    const { lease, margin, maxCrashes } = this.#settings
    const handler = this.#handlers.get(job.name) ?? stranger(job)
    const policy = policyOf(handler.definition.policy, job.policy)
    const run = new Run(job, lane, handler, policy, sentAt, sentAt + lease - margin, sentAt + lease / 3)
    if (this.#state !== 'working') this.#giveBack(run, this.#state === 'paused' ? 'paused' : 'closing')
    else if (job.cancelRequested === true) this.#end(run, { kind: 'cancelled' })
    else if (job.crashes >= maxCrashes) this.#end(run, hopeless(new JobCrashedError(job.lease.id, job.crashes)))
    else if (!this.#handlers.has(job.name)) this.#meetStranger(run)
    else if (!this.#quarantine.admit(run)) this.#giveBack(run, 'suspect', 1_000)
    else {
      lane.add(run)
      this.#keeper.hold(run)
    }
  }

  #meetStranger(run: Run): void {
    const { lease, name, attempt } = run.claimed
    this.tell('unknown', run.info)
    if (this.#settings.unknownJobs === 'dead') return this.#end(run, hopeless(new UnknownJobError(lease.id, name)))
    const patience = Math.min(30_000, 1_000 * 2 ** Math.min(attempt - 1, 5))
    this.#giveBack(run, 'unknown', patience * (1 - this.#settings.runtime.random() / 2))
  }

  #claimFailed(lane: Lane, error: unknown): void {
    this.tell('error', error)
    if (isBackendFailure(error) && (error.code === 'closed' || error.code === 'unsupported')) {
      this.#fatal = error
      void this.close()
      return
    }
    const { clock, random } = this.#settings.runtime
    const patience = isBackendFailure(error) && error.retryable ? Math.min(2_000, 50 * 2 ** lane.failures) : 5_000
    const rest = patience * (1 - random() / 2)
    lane.failures++
    lane.restUntil = clock.now() + rest
    clock.schedule(rest, () => this.#courier.nudge())
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
      if (Array.isArray(next)) void this.#startMany(next, now)
      else this.#startOne(next, now)
      const after = clock.now()
      this.#blockWatch.note(Array.isArray(next) ? next[0]!.claimed.name : next.claimed.name, after - now)
      now = after
    }
    this.#pumping = false
    this.#courier.nudge()
  }

  #mayStart(now: Ms): boolean {
    if (this.#rateLimit !== undefined) {
      const wait = this.#rateLimit.wait(now)
      if (wait > 0) {
        this.#pumpLater(wait)
        return false
      }
      this.#rateLimit.start(now)
    }
    if (this.#burst === 0) setImmediate(this.#nextBurst)
    return this.#burst++ < BURST
  }

  readonly #nextBurst = (): void => {
    const wasFull = this.#burst > BURST
    this.#burst = 0
    if (wasFull) this.#pump()
  }

  #startOne(run: Run, now: Ms): void {
    this.#begin(run, now)
    this.#running++
    const handler = run.handler as OneHandler
    const context = new Context(run, this.#actions)
    let value: unknown
    try {
      const input = decodeValue(handler.definition, 'input', run.claimed.payload)
      value = input instanceof Promise ? input.then((late) => handler.run(late, context)) : handler.run(input, context)
    } catch (error) {
      this.#end(run, threw(run, error))
      return
    }
    if (isThenable(value)) {
      Promise.resolve(value).then(
        (late) => this.#returned(run, late),
        (error: unknown) => this.#end(run, threw(run, error)),
      )
    } else this.#returned(run, value)
  }

  async #startMany(runs: readonly Run[], now: Ms): Promise<void> {
    const handler = runs[0]!.handler as ManyHandler
    const batch = new Batch(runs.length)
    this.#running++
    for (const run of runs) {
      run.batch = batch
      this.#begin(run, now)
    }
    const jobs = await Promise.all(runs.map((run) => this.#batchJob(handler, run)))
    const readable = runs.filter((_, index) => jobs[index] !== undefined)
    if (readable.length === 0) return
    try {
      const values = await handler.run(jobs.filter((job) => job !== undefined), { signal: batch.signal })
      this.#returnedMany(handler, readable, values)
    } catch (error) {
      for (const run of readable) this.#end(run, threw(run, error))
    }
  }

  /** `undefined` when the input does not fit: that job is done with, the others go on. */
  async #batchJob(handler: ManyHandler, run: Run): Promise<BatchContext | undefined> {
    try {
      return new BatchContext(run, this.#actions, await decodeValue(handler.definition, 'input', run.claimed.payload))
    } catch (error) {
      this.#end(run, threw(run, error))
      return undefined
    }
  }

  #returnedMany(handler: ManyHandler, runs: readonly Run[], values: unknown): void {
    if (values !== undefined && (!Array.isArray(values) || values.length !== runs.length)) {
      const error = new OptionError(
        `handleMany(${handler.definition.name})`,
        `the handler must return nothing, or an array with an entry for each of its ${runs.length} jobs`,
      )
      for (const run of runs) this.#end(run, failed(error))
      return
    }
    runs.forEach((run, index) => {
      const value: unknown = (values as readonly unknown[] | undefined)?.[index]
      if (value instanceof Error) this.#end(run, threw(run, value))
      else this.#returned(run, value)
    })
  }

  #begin(run: Run, now: Ms): void {
    run.state = 'running'
    if (run.policy.timeout !== undefined) {
      run.timeoutAt = now + run.policy.timeout
      this.#keeper.started(run)
    }
    if (this.listenerCount('started') > 0) this.tell('started', run.info)
  }

  // ── from handler to settlement ──

  #returned(run: Run, value: unknown): void {
    if (run.state === 'ended') return
    const attempted = returned(this.#backend, run, value)
    if (attempted instanceof Promise) void attempted.then((late) => this.#end(run, late))
    else this.#end(run, attempted)
  }

  /** The run leaves the worker's hands; its slot is free before its outcome is stored. */
  #end(run: Run, attempted: Attempted): void {
    if (run.state === 'ended') return
    if (run.state === 'running') this.#freeSlot(run)
    run.state = 'ended'
    this.#keeper.drop(run)
    if (run.lost) this.tell('lost', run.info)
    else this.#conclude(run, attempted)
    this.#pump()
    this.#waiting.check()
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

  #settled({ run, settlement, attempted }: Ended, reply: Exclude<Settled, BackendFailure>): void {
    if (reply === 'lost') {
      this.tell('lost', run.info)
      return
    }
    switch (settlement.to) {
      case 'completed':
        if (this.listenerCount('completed') > 0) this.tell('completed', run.info)
        return
      case 'cancelled':
        this.tell('cancelled', run.info)
        return
      case 'dead':
        this.#tellFailure(run, attempted, undefined)
        return
      case 'waiting':
        if (attempted.kind === 'failed') this.#tellFailure(run, attempted, settlement.delay)
        else if (attempted.kind === 'returned') this.#tellReturn(run, attempted)
    }
  }

  #tellFailure(run: Run, attempted: Attempted, retryIn: Ms | undefined): void {
    if (attempted.kind !== 'failed' && attempted.kind !== 'hopeless') return
    const { error } = attempted
    this.tell('failed', run.info, { error, retryIn })
    if (retryIn === undefined) this.tell('dead', run.info, { error })
  }

  #tellReturn(run: Run, { delay, reason }: Extract<Attempted, { kind: 'returned' }>): void {
    if (reason === 'snoozed') this.tell('snoozed', run.info, { delay })
    else this.tell('released', run.info, { reason })
  }

  #giveBack(run: Run, reason: ReturnReason, delay: Ms = 0): void {
    this.#end(run, { kind: 'returned', delay: Math.round(delay), reason })
  }

  /** Gives back what was claimed and not started. */
  #release(reason: ReturnReason): void {
    for (const lane of this.#settings.lanes) for (const run of lane.takeAll()) this.#giveBack(run, reason)
  }

  #releaseStale(): void {
    if (this.#state !== 'working') return
    this.#demand.reset(this.#settings.runtime.clock.now())
    this.#release('ahead')
  }

  // ── what handlers ask for ──

  async #complete(run: Run, tx: unknown, result: unknown): Promise<void> {
    const backend = this.#backend
    const { definition } = run.handler
    const { id } = run.claimed.lease
    if (backend.within === undefined) {
      throw new UnsupportedError(backend.name, 'transactions', 'Use Postgres or SQLite, or return the result from the handler.')
    }
    const text = definition.output === undefined ? undefined : await encodeValue(definition, 'output', result)
    const attempted: Attempted = text === undefined ? { kind: 'completed' } : { kind: 'completed', result: text }
    const conclusion = await this.#conclusions.of(run, attempted)
    if (conclusion.settlement.to !== 'completed') {
      throw conclusion.attempted.kind === 'failed' ? conclusion.attempted.error : new LeaseLostError(id, run.claimed.attempt)
    }
    const [reply] = await backend.within(tx).settle([conclusion.settlement])
    if (isBackendFailure(reply)) throw reply
    if (reply !== 'applied') throw new LeaseLostError(id, run.claimed.attempt)
    run.completion = conclusion.settlement
  }

  #progress(run: Run, value: unknown): void {
    let progress: string
    try {
      progress = encode(value)
    } catch (error) {
      throw error instanceof NotJson ? new InvalidValueError('progress', run.claimed.name, [error.issue]) : error
    }
    if (this.listenerCount('progress') > 0) this.tell('progress', run.info, value)
    this.#report({ lease: run.claimed.lease, progress })
  }

  #log(run: Run, message: string): void {
    if (this.listenerCount('log') > 0) this.tell('log', run.info, message)
    const at = this.#settings.runtime.clock.date()
    this.#report({ lease: run.claimed.lease, logs: [encodeLogLine({ at, message: message.slice(0, 8 * 1024) })] })
  }

  #report(report: Report): void {
    this.#reports?.ask(report).catch((error: unknown) => this.tell('error', error))
  }

  // ── waiting for things to end ──

  #pumpLater(delay: Ms): void {
    if (this.#pumpTimer !== undefined) return
    this.#pumpTimer = this.#settings.runtime.clock.schedule(delay, () => {
      this.#pumpTimer = undefined
      this.#pump()
    })
  }
  #pumpTimer: (() => void) | undefined

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

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
