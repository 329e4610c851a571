import {
  Lifecycle,
  type Begun,
  type ClaimedJob,
  type Enqueued,
  type Extended,
  type HandOff,
  type Health,
  type Inspector,
  type Lease,
  type Ms,
  type NewJob,
  type Operator,
  type Report,
  type Sent,
  type Settled,
  type Settlement,
  type Store,
  type Unsent,
} from '@jobport/core/adapter'
import { health } from '../health.ts'
import { PostgresInspector } from '../inspector.ts'
import { ADMISSION, duration, LIMITS, NAME } from '../limits.ts'
import { Live } from '../live.ts'
import { PostgresOperator } from '../operator.ts'
import { settingsOf, type PostgresOptions, type Settings } from '../options.ts'
import { enqueueAdmitted } from '../admission.ts'
import { parseNumbers, parseTexts, plainArray, textArray } from '../wire/array.ts'
import { CANCEL } from '../wire/claimed.ts'
import { headersOf, NO_HEADERS, type Extra } from '../wire/extra.ts'
import { keyOf } from '../wire/key.ts'
import { enqueuedOf, newJobValues, NO_JOBS } from '../wire/new-jobs.ts'
import { outcomeOf, timeOf } from '../wire/settlements.ts'
import type { Row } from '../connection/session.ts'

/** What `store_apply` answers where it was only asked: the claim goes on. */
const HELD = 2

/** What `store_extend` answers. */
const EXTENDED = ['lost', 'applied', 'cancelled'] as const

/**
 * The memory that a broker lacks, in a schema of its own: state, results, unique keys and delays of any length.
 * @example
 * const store = postgresStore({ url: 'postgres://localhost/app' })
 * @throws OptionError when an option is unknown or not usable.
 */
export function postgresStore(options: PostgresOptions): Store {
  return new PostgresStore(settingsOf(options, true))
}

class PostgresStore implements Store {
  readonly name = NAME
  readonly limits = LIMITS
  readonly inspect: Inspector
  readonly operate: Operator
  readonly #settings: Settings
  #live: Live | undefined
  readonly #lifecycle: Lifecycle
  readonly #opened = (): Live => {
    this.#lifecycle.check()
    return this.#live!
  }

  constructor(settings: Settings) {
    this.#settings = settings
    this.#lifecycle = new Lifecycle(NAME, {
      open: async () => void (this.#live = await Live.open(settings)),
      close: async () => this.#live?.close(),
    })
    this.inspect = new PostgresInspector(this.#opened)
    this.operate = new PostgresOperator(this.#opened)
  }

  open(): Promise<void> {
    return this.#lifecycle.open()
  }

  close(): Promise<void> {
    return this.#lifecycle.close()
  }

  async health(): Promise<Health> {
    if (!this.#lifecycle.isOpen) return { reachable: false, durability: 'none', warnings: ['The store is not open.'] }
    return health(this.#live!.heart, this.#settings)
  }

  async insert(jobs: readonly NewJob[], handOff: HandOff): Promise<readonly Enqueued[]> {
    const { line, statements, names } = this.#opened()
    return enqueueAdmitted(jobs, async (admitted) => {
      await names.learn(admitted)
      const values = [...handOffValues(handOff), ...newJobValues(admitted, names.kind)]
      const [row] = await line.ask(statements.storeInsert, values)
      return enqueuedOf(admitted, row![0] === null ? undefined : parseTexts(row![0]))
    })
  }

  async begin(jobs: readonly ClaimedJob[], lease: Ms): Promise<readonly Begun[]> {
    const { line, statements } = this.#opened()
    if (jobs.length === 0) return []
    const [row] = await line.ask(statements.storeBegin, [
      plainArray(jobs.map((job) => keyOf(job.lease.id))),
      textArray(jobs.map((job) => job.lease.token)),
      textArray(jobs.map((job) => job.lease.queue)),
      duration(lease),
    ])
    return parseTexts(row![0]).map(begunOf)
  }

  async extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    const { heart, statements } = this.#opened()
    ADMISSION.checkSize('leases', leases.length, LIMITS.settleBatch)
    ADMISSION.checkLease(lease)
    if (leases.length === 0) return []
    const [row] = await heart.ask(statements.storeExtend, [
      plainArray(leases.map(({ id }) => keyOf(id))),
      textArray(leases.map(({ token }) => token)),
      duration(lease),
    ])
    return parseNumbers(row![0]).map((answer) => EXTENDED[answer]!)
  }

  async apply(settlements: readonly Settlement[], handOff: HandOff): Promise<readonly Settled[]> {
    const live = this.#opened()
    const { line, statements, names } = live
    ADMISSION.checkSize('settlements', settlements.length, LIMITS.settleBatch)
    if (settlements.length === 0) return []
    const refusals = settlements.map((settlement) => ADMISSION.refuseSettlement(settlement))
    const admitted = (index: number): boolean => refusals[index] === undefined
    const followers = settlements.flatMap(({ then = [] }, index) => (admitted(index) ? then : []))
    const parents = settlements.flatMap(({ then = [] }, index) => (admitted(index) ? then.map(() => index + 1) : []))
    await names.learn(followers)
    const [row] = await line.ask(statements.storeApply, [
      ...handOffValues(handOff),
      plainArray(settlements.map(({ lease }) => keyOf(lease.id))),
      textArray(settlements.map(({ lease }) => lease.token)),
      plainArray(settlements.map((settlement, index) => (admitted(index) ? outcomeOf(settlement) : 0))),
      plainArray(settlements.map((settlement, index) => (admitted(index) ? timeOf(settlement) : 0))),
      textArray(settlements.map((each, index) => (admitted(index) && 'result' in each ? each.result : undefined))),
      textArray(settlements.map((each, index) => (admitted(index) && 'error' in each ? each.error : undefined))),
      ...(followers.length === 0 ? [null, ...NO_JOBS] : [plainArray(parents), ...newJobValues(followers, names.kind)]),
    ])
    live.finish()
    return parseNumbers(row![0]).map((answer, index): Settled =>
      answer === HELD ? refusals[index]! : answer === 0 ? 'lost' : 'applied',
    )
  }

  async due(limit: number, lease: Ms): Promise<readonly Unsent[]> {
    const { line, statements } = this.#opened()
    if (limit <= 0) return []
    return (await line.ask(statements.storeDue, [limit, duration(lease)])).map(unsentOf)
  }

  async sent(jobs: readonly Sent[]): Promise<void> {
    const { line, statements } = this.#opened()
    if (jobs.length === 0) return
    await line.ask(statements.storeSent, [
      plainArray(jobs.map(({ id }) => keyOf(id))),
      textArray(jobs.map(({ sending }) => sending)),
    ])
  }

  async report(reports: readonly Report[]): Promise<readonly Settled[]> {
    const { heart, statements } = this.#opened()
    ADMISSION.checkSize('reports', reports.length, LIMITS.settleBatch)
    if (reports.length === 0) return []
    const refusals = reports.map(({ progress, lease }) => ADMISSION.refuseValue(progress, 'the progress', lease.id))
    const [row] = await heart.ask(statements.storeReport, [
      plainArray(reports.map(({ lease }) => keyOf(lease.id))),
      textArray(reports.map(({ lease }) => lease.token)),
      plainArray(refusals.map((refused) => String(refused === undefined))),
      plainArray(reports.map(({ begun }) => String(begun === true))),
      textArray(reports.map(({ progress }) => progress)),
      textArray(
        reports.map(({ logs }) => (logs === undefined || logs.length === 0 ? undefined : JSON.stringify(logs))),
      ),
    ])
    return (row![0] as string)
      .slice(1, -1)
      .split(',')
      .map((held, index): Settled => (held === 't' ? (refusals[index] ?? 'applied') : 'lost'))
  }
}

function handOffValues({ delay, grace, origin }: HandOff): readonly (number | string)[] {
  return [duration(delay), duration(grace), origin]
}

function begunOf(text: string | null): Begun {
  if (text === null) return 'stale'
  if (text === 'paused') return text
  const parts = text.split(',')
  const [attempt = 0, failures = 0, crashes = 0, redrives = 0, flags = 0, enqueuedAt = 0] = parts
    .slice(0, 6)
    .map(Number)
  const started = { attempt, failures, crashes, redrives, enqueuedAt, origin: parts.slice(6).join(',') }
  return (flags & CANCEL) === 0 ? started : { ...started, cancelRequested: true }
}

/** A row of `store_due`: what the broker has to be given, at once. */
function unsentOf([key, queue, name, payload, extraText, rank, sending, origin]: Row): Unsent {
  const extra: Extra | undefined = extraText === null ? undefined : JSON.parse(extraText)
  const job: { -readonly [K in keyof NewJob]: NewJob[K] } = {
    id: extra?.i ?? key,
    queue,
    name,
    payload,
    headers: extra === undefined ? NO_HEADERS : headersOf(extra),
  }
  if (extra?.p !== undefined) job.policy = extra.p
  if (extra?.g !== undefined) job.group = JSON.parse(extra.g)
  if (Number(rank) !== 0) job.priority = -Number(rank)
  return { job, sending, origin: origin ?? '' }
}
