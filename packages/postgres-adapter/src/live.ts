import {
  isBackendFailure,
  type ClaimedJob,
  type ClaimRequest,
  type Enqueued,
  type Exchanged,
  type Extended,
  type Lease,
  type Ms,
  type NewJob,
  type Report,
  type Settled,
  type Settlement,
} from '@jobport/core/adapter'
import { Claims, type Claimed, type Claiming, type Request } from './claims.ts'
import { CallLine, OwnLine, type Line, type Mode, type Row } from './connection/session.ts'
import { statementsFor, type Statements } from './connection/statements.ts'
import { prepare } from './connection/prepare.ts'
import { Housekeeper } from './housekeeper.ts'
import { Intake } from './intake.ts'
import { duration } from './limits.ts'
import { Names } from './names.ts'
import type { Settings } from './options.ts'
import { Commits } from './wake/commits.ts'
import { News } from './wake/news.ts'
import type { Waiter } from './wake/waiters.ts'
import { parseTexts } from './wire/array.ts'
import { ExtendCall, ReportCall } from './wire/held.ts'
import { keysInBinary } from './wire/binary-keys.ts'
import { keysAsText } from './wire/key.ts'
import { enqueuedOf, enqueueValues, type Value } from './wire/new-jobs.ts'
import { settleCalls, type SettleCall } from './wire/settlements.ts'

/** An open backend: its connections, and what goes over them. */
export class Live {
  readonly settings: Settings
  readonly statements: Statements
  readonly mode: Mode
  readonly names: Names
  readonly line: CallLine
  /** Kept free for what must not wait behind other calls: a lease that is not extended in time ends. */
  readonly heart: OwnLine
  readonly news: News
  readonly #claims: Claims
  readonly #commits: Commits
  /** Each for one kind of calls: while the server works on some, the next are on their way. None with a pool of the application, or behind a pooler. */
  readonly #ownLines: readonly OwnLine[]
  /** The first of them, for new jobs. */
  readonly #inlet: Line | undefined
  /** Where the backend is the memory of a broker, for attempts that begin. Jobs that were enqueued together are one row, so on several connections they would wait for each other. */
  readonly begins: Line
  /** And for outcomes, which would keep what begins waiting for their commit. */
  readonly #endings: Line
  readonly #intake: Intake
  readonly #housekeeper: Housekeeper
  readonly #closing = new AbortController()

  private constructor(settings: Settings, mode: Mode) {
    this.settings = settings
    this.mode = mode
    this.statements = statementsFor(settings.schema)
    this.line = new CallLine(settings, mode, () => this.names.forget())
    this.names = new Names(this.line, this.statements)
    this.#claims = new Claims(this.names)
    this.heart = new OwnLine(settings, mode)
    // A pooler may spread statements over several connections, as the pool of an application does.
    const keepsOrder = mode.prepares && settings.pool === undefined
    const ownLine = (): OwnLine => new OwnLine(settings, mode, { pipeline: true, onLost: () => this.names.forget() })
    this.#ownLines = keepsOrder ? [ownLine(), ownLine(), ownLine()] : []
    const [inlet, begins = this.line, endings = this.line] = this.#ownLines
    this.#inlet = inlet
    this.begins = begins
    this.#endings = endings
    this.#intake = new Intake({
      learn: (jobs) => this.names.learn(jobs),
      send: (jobs) => this.#store(inlet ?? this.line, jobs),
      inFlight: keepsOrder ? 2 : 1,
    })
    this.news = new News({
      settings,
      mode,
      statements: this.statements,
      line: this.line,
      onLost: () => this.names.forget(),
    })
    this.#commits = new Commits(this.line, settings.schema)
    this.#housekeeper = new Housekeeper(this.line, settings, this.statements)
  }

  /** @throws BackendError */
  static async open(settings: Settings): Promise<Live> {
    return new Live(settings, await prepare(settings))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.news.end()
    this.#commits.close()
    await this.#housekeeper.close()
    await this.#intake.idle()
    await this.news.told()
    await this.line.close()
    await Promise.all([this.heart, ...this.#ownLines, this.news].map((each) => each.close()))
  }

  async enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    const answers = await this.#intake.enqueue(jobs)
    this.news.stirFor(jobs)
    this.#housekeeper.count(jobs.length)
    return answers
  }

  /** On any line, also in a transaction of the caller. Whoever waits has to be told afterwards. */
  async enqueueOn(line: Line, jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    const learning = this.names.learn(jobs)
    if (learning !== undefined) await learning
    return this.#send(line, jobs)
  }

  /**
   * Stores new jobs. A claim that waits for some here gets them with the same commit: a commit of its own would be half of the time until they start. What is
   * sent next must not overtake, so this sends before it waits for anything.
   */
  #store(line: Line, jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    const waiter = this.news.waiters.find(jobs)
    return waiter !== undefined && jobs.every(isPlain) ? this.#sendFor(waiter, line, jobs) : this.#send(line, jobs)
  }

  async #sendFor(waiter: Waiter, line: Line, jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    const claiming = this.#claims.write(waiter.request, true)
    const values = [...enqueueValues(jobs, this.names.kind), ...claiming.values]
    const asked = line.ask(this.statements.enqueueAndClaim, values).then(([row]) => row!)
    // If this goes wrong, the claim looks by itself.
    waiter.wake(
      asked.then(
        ([, ...taken]) => this.#taken(claiming, taken).then((each) => each.jobs),
        () => [],
      ),
    )
    try {
      const [answers] = await asked
      return enqueuedOf(jobs, textsOf(answers))
    } catch (error) {
      // What is wrong with the claim must not be the trouble of the jobs.
      if (isBackendFailure(error) && !error.retryable) return this.#send(line, jobs)
      throw error
    }
  }

  async #send(line: Line, jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    // Not every driver and mapper hands bytes on as they are; the one below our own connections does.
    const [statement, encodeKeys] =
      line === this.#inlet
        ? ([this.statements.enqueueBinary, keysInBinary] as const)
        : ([this.statements.enqueue, keysAsText] as const)
    const [row] = await line.ask(statement, enqueueValues(jobs, this.names.kind, encodeKeys))
    return enqueuedOf(jobs, textsOf(row![0]))
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    const settled: Settled[] = Array.from({ length: settlements.length })
    for (const call of settleCalls(settlements, settled)) {
      await this.settleOn(this.line, call, settled)
      this.news.announce(call)
    }
    this.#housekeeper.count(settlements.length)
    return settled
  }

  async settleOn(line: Line, call: SettleCall, settled: Settled[]): Promise<void> {
    const [row] = await line.ask(this.statements.settle, await this.#settleValues(call))
    call.answer(textsOf(row![0]), settled)
  }

  async extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    const call = new ExtendCall(leases)
    await this.learnQueues(call.queues)
    const [row] = await this.heart.ask(this.statements.extend, call.values(this.names.queue, duration(lease)))
    return call.answers(row![0], row![1], row![2])
  }

  async report(reports: readonly Report[]): Promise<readonly Settled[]> {
    const call = new ReportCall(reports)
    await this.learnQueues(call.queues)
    const [row] = await this.heart.ask(this.statements.report, call.values(this.names.queue))
    return call.answers(row![0])
  }

  /** As `settle`, where the backend is the memory of a broker: nobody waits for jobs here. `handOff`: the first arguments of `store_apply`. */
  async apply(settlements: readonly Settlement[], handOff: readonly Value[]): Promise<readonly Settled[]> {
    const settled: Settled[] = Array.from({ length: settlements.length })
    for (const call of settleCalls(settlements, settled)) {
      const [row] = await this.#endings.ask(this.statements.storeApply, [
        ...handOff,
        ...(await this.#settleValues(call)),
      ])
      call.answer(textsOf(row![0]), settled)
      if (call.finishes) this.news.finish()
    }
    this.count(settlements.length)
    return settled
  }

  /** So many jobs have passed through a call. */
  count(jobs: number): void {
    this.#housekeeper.count(jobs)
  }

  /** Before settlements become part of a transaction of the caller: it holds their leases until it ends, and must not hold others. */
  async isolate(settlements: readonly Settlement[]): Promise<void> {
    const leases = new ExtendCall(settlements.map(({ lease }) => lease))
    await this.learnQueues(leases.queues)
    await this.line.ask(this.statements.isolate, leases.claims(this.names.queue))
  }

  async exchange(settlements: readonly Settlement[], request: Request): Promise<Exchanged> {
    const settled: Settled[] = Array.from({ length: settlements.length })
    const calls = settleCalls(settlements, settled)
    const last = request.limit > 0 ? calls.pop() : undefined
    for (const call of calls) {
      await this.settleOn(this.line, call, settled)
      this.news.announce(call)
    }
    if (last === undefined) return { settled, claimed: (await this.#take(request, false)).jobs }
    const values = await this.#settleValues(last)
    const claiming = await this.#claims.learnAndWrite(request, false)
    const [row] = await this.line.ask(this.statements.exchange, [...values, ...claiming.values])
    const [answers, ...taken] = row!
    last.answer(textsOf(answers), settled)
    this.news.announce(last)
    const { jobs } = await this.#taken(claiming, taken)
    this.#housekeeper.count(settlements.length)
    return { settled, claimed: jobs }
  }

  async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    if (request.limit <= 0 || signal.aborted) return []
    const { queue, wait } = request
    const end = performance.now() + wait
    const ending = AbortSignal.any([signal, this.#closing.signal])
    try {
      for (;;) {
        if (wait > 0) this.news.hearOf(queue)
        const stirs = this.news.waiters.stirs(queue)
        const { jobs, idle } = await this.#take(request, wait > 0)
        if (ending.aborted) {
          await this.#giveBack(jobs)
          return []
        }
        const left = end - performance.now()
        if (jobs.length > 0 || left <= 0) return jobs
        const handed = await this.news.waiters.wait(request, stirs, Math.min(left, idle, this.news.interval), ending)
        if (ending.aborted) {
          await this.#giveBack(handed)
          return []
        }
        if (handed.length > 0) return handed
      }
    } catch (error) {
      // It was given up, not refused.
      if (ending.aborted) return []
      throw error
    }
  }

  /** Afterwards, their numbers are known. */
  readonly learnQueues = async (queues: Iterable<string>): Promise<void> => {
    for (const queue of queues) await this.names.learnQueue(queue)
  }

  /** Calls back if and when a transaction of the caller has been committed. */
  whenCommitted(transaction: string, callback: () => void): void {
    this.#commits.then(transaction, callback)
  }

  async #take(request: Request, waits: boolean): Promise<Claimed> {
    const claiming = await this.#claims.learnAndWrite(request, waits)
    const [row] = await this.line.ask(this.statements.claim, claiming.values)
    return this.#taken(claiming, row!)
  }

  async #taken(claiming: Claiming, row: Row): Promise<Claimed> {
    const claimed = await this.#claims.read(claiming, row)
    // Whoever waits and looks seldom would not know of a lease that ends sooner.
    if (claimed.jobs.length > 0 && claiming.lease < 2 * this.news.interval) this.news.stir([claiming.queue])
    this.#housekeeper.count(claimed.jobs.length)
    return claimed
  }

  async #settleValues(call: SettleCall): Promise<Value[]> {
    const unknown = this.#unknown(call.queues)
    if (unknown !== undefined) await this.learnQueues(unknown)
    const learning = this.names.learn(call.followers)
    if (learning !== undefined) await learning
    return call.values(this.names.queue, this.names.kind)
  }

  #unknown(queues: ReadonlySet<string>): ReadonlySet<string> | undefined {
    for (const queue of queues) if (!this.names.knowsQueue(queue)) return queues
    return undefined
  }

  /** What was claimed for somebody who does not want it any more. */
  async #giveBack(jobs: readonly ClaimedJob[]): Promise<void> {
    if (jobs.length === 0) return
    const settlements = jobs.map(({ lease }): Settlement => ({ lease, to: 'waiting', delay: 0, counts: 'nothing' }))
    await this.settle(settlements).catch(() => {})
  }
}

/**
 * Whether the job can be claimed at once, and storing it waits for nobody: a group or a unique key may be in the hands of a transaction that waits for what is claimed
 * here.
 */
function isPlain({ delay = 0, group, unique }: NewJob): boolean {
  return delay <= 0 && group === undefined && unique === undefined
}

/** `undefined`: nothing but what was hoped for. */
function textsOf(array: string | null): (string | null)[] | undefined {
  return array === null ? undefined : parseTexts(array)
}
