import {
  isBackendFailure,
  type ClaimedJob,
  type ClaimRequest,
  type Enqueued,
  type Exchanged,
  type Extended,
  type Finished,
  type Lease,
  type Ms,
  type NewJob,
  type Report,
  type Settled,
  type Settlement,
} from '@jobport/core/adapter'
import { createHash } from 'node:crypto'
import { Claims, type Claimed, type Claiming, type Request } from './claims.ts'
import { CallLine, OwnLine, type Line, type Mode, type Row } from './connection/session.ts'
import { statementsFor, type Statements } from './connection/statements.ts'
import { prepare } from './connection/prepare.ts'
import { Housekeeper } from './housekeeper.ts'
import { Intake } from './intake.ts'
import { duration } from './limits.ts'
import { Names } from './names.ts'
import type { Settings } from './options.ts'
import { Bell } from './wake/bell.ts'
import { Commits } from './wake/commits.ts'
import { Waiters, type Waiter } from './wake/waiters.ts'
import { Watchers } from './wake/watchers.ts'
import { parseTexts } from './wire/array.ts'
import { ExtendCall, ReportCall } from './wire/held.ts'
import { enqueuedOf, enqueueValues, type Value } from './wire/new-jobs.ts'
import { settleCalls, type SettleCall } from './wire/settlements.ts'

/** An open backend: its connections, and those who wait for what other processes do. */
export class Live {
  readonly settings: Settings
  readonly statements: Statements
  readonly mode: Mode
  readonly names: Names
  readonly line: CallLine
  /** Kept free for what must not wait behind other calls: a lease that is not extended in time ends. */
  readonly heart: OwnLine
  readonly #ears: OwnLine
  readonly #bell: Bell
  readonly #claims: Claims
  readonly #waiters = new Waiters()
  readonly #watchers: Watchers
  readonly #commits: Commits
  /** For new jobs alone: while the server stores some, the next are on their way. */
  readonly #inlet: OwnLine
  readonly #intake: Intake
  readonly #housekeeper: Housekeeper
  readonly #closing = new AbortController()
  readonly #channels = new Map<string, string>()
  readonly #queues = new Map<string, string>()
  readonly #finishedChannel: string
  #poll: NodeJS.Timeout | undefined

  private constructor(settings: Settings, mode: Mode) {
    this.settings = settings
    this.mode = mode
    this.statements = statementsFor(settings.schema)
    this.#finishedChannel = channelOf(settings.schema, '')
    this.line = new CallLine(settings, mode, () => this.names.forget())
    this.names = new Names(this.line, this.statements)
    this.#claims = new Claims(this.names)
    this.heart = new OwnLine(settings, mode)
    this.#inlet = new OwnLine(settings, mode, { pipeline: true, onLost: () => this.names.forget() })
    // A pooler may spread statements over several connections, as the pool of an application does.
    const [line, inFlight] = mode.prepares && settings.pool === undefined ? [this.#inlet, 2] : [this.line, 1]
    this.#intake = new Intake({
      learn: (jobs) => this.names.learn(jobs),
      send: (jobs) => this.#store(line, jobs),
      inFlight,
    })
    this.#ears = new OwnLine(settings, mode, {
      onConnect: async (client) => {
        // A notification that is lost in a crash would have reached nobody.
        await client.query('set synchronous_commit = off')
        client.on('notification', ({ channel }) => this.#hear(channel))
        for (const channel of this.#bell.channels) await client.query(`listen "${channel}"`)
      },
      onLost: () => this.#earsLost(),
    })
    this.#bell = new Bell(this.line, this.#ears, this.statements, mode)
    this.#watchers = new Watchers(this.line, settings.schema, settings.warn)
    this.#commits = new Commits(this.line, settings.schema)
    this.#housekeeper = new Housekeeper(this.line, settings, this.statements)
  }

  /** @throws BackendError */
  static async open(settings: Settings): Promise<Live> {
    return new Live(settings, await prepare(settings))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#waiters.wakeAll()
    this.#watchers.clear()
    clearInterval(this.#poll)
    this.#commits.close()
    await this.#housekeeper.close()
    await this.#intake.idle()
    await this.#bell.close()
    await this.line.close()
    await Promise.all([this.heart.close(), this.#inlet.close(), this.#ears.close()])
  }

  async enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    const answers = await this.#intake.enqueue(jobs)
    this.#stirFor(jobs)
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
    const waiter = this.#waiters.find(jobs)
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
    const [row] = await line.ask(this.statements.enqueue, enqueueValues(jobs, this.names.kind))
    return enqueuedOf(jobs, textsOf(row![0]))
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    const settled: Settled[] = Array.from({ length: settlements.length })
    for (const call of settleCalls(settlements, settled)) {
      await this.settleOn(this.line, call, settled)
      this.announce(call)
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
      const [row] = await this.line.ask(this.statements.storeApply, [...handOff, ...(await this.#settleValues(call))])
      call.answer(textsOf(row![0]), settled)
      if (call.finishes) this.finish()
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
    const last = calls.pop()
    for (const call of calls) {
      await this.settleOn(this.line, call, settled)
      this.announce(call)
    }
    if (last === undefined || request.limit <= 0) {
      if (last !== undefined) await this.settleOn(this.line, last, settled)
      return { settled, claimed: await this.#take(request, false).then(({ jobs }) => jobs) }
    }
    const values = await this.#settleValues(last)
    const claiming = await this.#claims.learnAndWrite(request, false)
    const [row] = await this.line.ask(this.statements.exchange, [...values, ...claiming.values])
    const [answers, ...taken] = row!
    last.answer(textsOf(answers), settled)
    this.announce(last)
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
        if (wait > 0) this.#hearOf(queue)
        const stirs = this.#waiters.stirs(queue)
        const { jobs, idle } = await this.#take(request, wait > 0)
        if (ending.aborted) {
          await this.#giveBack(jobs)
          return []
        }
        const left = end - performance.now()
        if (jobs.length > 0 || left <= 0) return jobs
        const handed = await this.#waiters.wait(request, stirs, Math.min(left, idle, this.#interval), ending)
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

  async watch(listener: (finished: readonly Finished[]) => void): Promise<() => Promise<void>> {
    const end = await this.#watchers.add(listener)
    this.#hearFinished()
    this.#poll ??= setInterval(() => {
      this.#hearFinished()
      this.#look()
    }, this.#interval).unref()
    return async () => {
      end()
      if (this.#watchers.size > 0) return
      clearInterval(this.#poll)
      this.#poll = undefined
    }
  }

  /** Afterwards, their numbers are known. */
  readonly learnQueues = async (queues: Iterable<string>): Promise<void> => {
    for (const queue of queues) await this.names.learnQueue(queue)
  }

  /** Tells those who wait and watch, here and elsewhere, what a call has done. */
  announce(call: SettleCall): void {
    this.stir(call.stirred)
    if (call.finishes) this.finish()
  }

  /** Calls back if and when a transaction of the caller has been committed. */
  whenCommitted(transaction: string, callback: () => void): void {
    this.#commits.then(transaction, callback)
  }

  /** Something happened in queues, for which a claim may wait. */
  stir(queues: Iterable<string>): void {
    for (const queue of queues) {
      this.#waiters.wake(queue)
      this.#bell.ring(this.#channel(queue))
    }
  }

  /** Something happened in some queue; the server rings for other processes. */
  wakeAll(): void {
    this.#waiters.wakeAll()
  }

  /** Jobs may have finished. */
  finish(): void {
    this.#look()
    this.#bell.ring(this.#finishedChannel)
  }

  #stirFor(jobs: readonly NewJob[]): void {
    let last = ''
    for (const { queue } of jobs) {
      if (queue !== last) this.stir([queue])
      last = queue
    }
  }

  get #interval(): Ms {
    return this.settings.pollInterval ?? (this.mode.prepares ? 5_000 : 100)
  }

  async #take(request: Request, waits: boolean): Promise<Claimed> {
    const claiming = await this.#claims.learnAndWrite(request, waits)
    const [row] = await this.line.ask(this.statements.claim, claiming.values)
    return this.#taken(claiming, row!)
  }

  async #taken(claiming: Claiming, row: Row): Promise<Claimed> {
    const claimed = await this.#claims.read(claiming, row)
    // Whoever waits and looks seldom would not know of a lease that ends sooner.
    if (claimed.jobs.length > 0 && claiming.lease < 2 * this.#interval) this.stir([claiming.queue])
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
    for (const queue of queues) if (this.names.queue(queue) === 0) return queues
    return undefined
  }

  /** What was claimed for somebody who does not want it any more. */
  async #giveBack(jobs: readonly ClaimedJob[]): Promise<void> {
    if (jobs.length === 0) return
    const settlements = jobs.map(({ lease }): Settlement => ({ lease, to: 'waiting', delay: 0, counts: 'nothing' }))
    await this.settle(settlements).catch(() => {})
  }

  /** Makes sure that whoever rings for a queue is heard. The look that comes first may be too early, so there is another when it is so. */
  #hearOf(queue: string): void {
    if (this.#bell.hears(this.#channel(queue))) return
    this.#bell.listen(this.#channel(queue)).then(
      () => this.#waiters.wake(queue),
      () => {},
    )
  }

  #channel(queue: string): string {
    let channel = this.#channels.get(queue)
    if (channel === undefined) {
      channel = channelOf(this.settings.schema, queue)
      this.#channels.set(queue, channel)
      this.#queues.set(channel, queue)
    }
    return channel
  }

  #hear(channel: string): void {
    if (channel === this.#finishedChannel) return this.#look()
    const queue = this.#queues.get(channel)
    if (queue !== undefined) this.#waiters.wake(queue)
  }

  /** Nobody knows what was missed meanwhile. */
  #earsLost(): void {
    this.names.forget()
    if (this.#closing.signal.aborted) return
    this.#bell.deafen()
    this.#waiters.wakeAll()
    if (this.#watchers.size > 0) this.#hearFinished()
  }

  #hearFinished(): void {
    if (this.#bell.hears(this.#finishedChannel)) return
    this.#bell.listen(this.#finishedChannel).then(
      () => this.#look(),
      () => {},
    )
  }

  #look(): void {
    this.#watchers.look().catch(() => {})
  }
}

/**
 * Whether the job can be claimed at once, and storing it waits for nobody: a group or a unique key may be in the hands of a transaction that waits for what is claimed
 * here.
 */
function isPlain({ delay = 0, group, unique }: NewJob): boolean {
  return delay <= 0 && group === undefined && unique === undefined
}

function channelOf(schema: string, queue: string): string {
  return `jobport_${createHash('md5').update(`${schema}.${queue}`).digest('hex').slice(0, 24)}`
}

/** `undefined`: nothing but what was hoped for. */
function textsOf(array: string | null): (string | null)[] | undefined {
  return array === null ? undefined : parseTexts(array)
}
