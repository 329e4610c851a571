import {
  Lifecycle,
  type Begun,
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
import { parseTexts, textArray } from '../wire/array.ts'
import { beginCalls } from '../wire/begun.ts'
import { headersOf, NO_HEADERS, type Extra } from '../wire/extra.ts'
import { keyOf } from '../wire/key.ts'
import { enqueuedOf, enqueueValues } from '../wire/new-jobs.ts'
import type { Row } from '../connection/session.ts'

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
  readonly #lifecycle: Lifecycle<Live>

  constructor(settings: Settings) {
    this.#settings = settings
    this.#lifecycle = new Lifecycle(NAME, () => Live.open(settings))
    const opened = (): Live => this.#lifecycle.opened
    this.inspect = new PostgresInspector(opened)
    this.operate = new PostgresOperator(opened)
  }

  open(): Promise<void> {
    return this.#lifecycle.open()
  }

  close(): Promise<void> {
    return this.#lifecycle.close()
  }

  health(): Promise<Health> {
    return this.#lifecycle.health(({ heart }) => health(heart, this.#settings))
  }

  async insert(jobs: readonly NewJob[], handOff: HandOff): Promise<readonly Enqueued[]> {
    const live = this.#lifecycle.opened
    const { line, statements, names } = live
    return enqueueAdmitted(jobs, async (admitted) => {
      await names.learn(admitted)
      const values = [...handOffValues(handOff), ...enqueueValues(admitted, names.kind)]
      const [row] = await line.ask(statements.storeInsert, values)
      live.count(admitted.length)
      return enqueuedOf(admitted, row![0] === null ? undefined : parseTexts(row![0]))
    })
  }

  async begin(attempts: readonly Lease[], lease: Ms): Promise<readonly Begun[]> {
    const live = this.#lifecycle.opened
    const answers = attempts.map((): Begun => 'stale')
    for (const call of beginCalls(attempts)) {
      await live.names.learnQueue(call.queue)
      const [row] = await live.begins.ask(live.statements.storeBegin, call.values(live.names.queue, duration(lease)))
      call.answer(row![0], row![1], answers)
    }
    return answers
  }

  async extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('leases', leases.length, LIMITS.settleBatch)
    ADMISSION.checkLease(lease)
    return leases.length === 0 ? [] : live.extend(leases, lease)
  }

  async apply(settlements: readonly Settlement[], handOff: HandOff): Promise<readonly Settled[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('settlements', settlements.length, LIMITS.settleBatch)
    return settlements.length === 0 ? [] : live.apply(settlements, handOffValues(handOff))
  }

  async due(limit: number, lease: Ms): Promise<readonly Unsent[]> {
    const { line, statements } = this.#lifecycle.opened
    if (limit <= 0) return []
    return (await line.ask(statements.storeDue, [limit, duration(lease)])).map(unsentOf)
  }

  async sent(jobs: readonly Sent[]): Promise<void> {
    const { line, statements } = this.#lifecycle.opened
    if (jobs.length === 0) return
    const [first] = jobs
    const areAlike = jobs.every(({ sending }) => sending === first!.sending)
    await line.ask(statements.storeSent, [
      jobs.map(({ id }) => keyOf(id)).join(),
      textArray((areAlike ? [first!] : jobs).map(({ sending }) => sending)),
    ])
  }

  async report(reports: readonly Report[]): Promise<readonly Settled[]> {
    const live = this.#lifecycle.opened
    ADMISSION.checkSize('reports', reports.length, LIMITS.settleBatch)
    return reports.length === 0 ? [] : live.report(reports)
  }
}

function handOffValues({ delay, grace, origin }: HandOff): readonly (number | string)[] {
  return [duration(delay), duration(grace), origin]
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
