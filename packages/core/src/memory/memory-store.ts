import type { Enqueued, Health } from '../contract/backend.ts'
import type { Lease, Ms, NewJob } from '../contract/job.ts'
import type { Extended, Report, Settled, Settlement } from '../contract/settlement.ts'
import type { Begun, HandOff, Sent, Store, Unsent } from '../contract/store.ts'
import { Lifecycle } from '../kit/lifecycle.ts'
import { token } from '../kit/token.ts'
import { systemClock } from '../time/clock.ts'
import { MemoryInspector } from './inspect.ts'
import { changeState } from './ledger.ts'
import { ADMISSION, LIMITS, NAME } from './limits.ts'
import { capacityOf, type MemoryBackendOptions } from './options.ts'
import { MemoryOperator } from './operate.ts'
import { Outbox } from './outbox.ts'
import { State, type Row } from './row.ts'
import { Space } from './space.ts'

/** A store that keeps its jobs in this process. */
export interface MemoryStore extends Store {
  /** Another store on the same jobs, with its own `open` and `close`: what a second process is on a server. */
  peer(): MemoryStore
}

/**
 * The memory of a broker in the memory of this process: for tests, and where jobs may be lost when the process ends. They outlive `close`.
 * @throws OptionError when `capacity` is not a positive integer up to 16 million.
 */
export function memoryStore(options: MemoryBackendOptions = {}): MemoryStore {
  const { clock = systemClock, warn = (message) => process.emitWarning(message) } = options
  return new InMemoryStore(new Space(clock, capacityOf(options), warn, new Outbox()))
}

class InMemoryStore implements MemoryStore {
  readonly name = NAME
  readonly limits = LIMITS
  readonly inspect: MemoryInspector
  readonly operate: MemoryOperator
  readonly #space: Space
  readonly #outbox: Outbox
  readonly #lifecycle = new Lifecycle(NAME, async () => ({ close: async () => this.inspect.close() }))
  readonly #check = (): void => void this.#lifecycle.opened

  constructor(space: Space) {
    this.#space = space
    this.#outbox = space.outbox!
    this.inspect = new MemoryInspector(space, this.#check)
    this.operate = new MemoryOperator(space, this.#check)
  }

  open(): Promise<void> {
    return this.#lifecycle.open()
  }

  close(): Promise<void> {
    return this.#lifecycle.close()
  }

  async health(): Promise<Health> {
    const warnings = ['The state of all jobs is lost when this process ends; use a store that writes it down.']
    return { reachable: this.#lifecycle.current !== undefined, durability: 'none', warnings }
  }

  async insert(jobs: readonly NewJob[], handOff: HandOff): Promise<readonly Enqueued[]> {
    ADMISSION.checkSize('jobs', jobs.length, LIMITS.enqueueBatch)
    return this.#verb(jobs, (job) => this.#outbox.during(handOff, () => this.#space.add(job)))
  }

  async begin(attempts: readonly Lease[], lease: Ms): Promise<readonly Begun[]> {
    return this.#verb(attempts, (attempt) => this.#begin(attempt, lease))
  }

  async extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    return this.#verb(leases, (held) => this.#space.extend(held, lease))
  }

  async apply(settlements: readonly Settlement[], handOff: HandOff): Promise<readonly Settled[]> {
    ADMISSION.checkSize('settlements', settlements.length, LIMITS.settleBatch)
    return this.#verb(settlements, (each) => this.#outbox.during(handOff, () => this.#space.settle(each)))
  }

  async report(reports: readonly Report[]): Promise<readonly Settled[]> {
    ADMISSION.checkSize('reports', reports.length, LIMITS.settleBatch)
    return this.#verb(reports, (report) => this.#space.report(report))
  }

  async due(limit: number, lease: Ms): Promise<readonly Unsent[]> {
    this.#check()
    this.#space.begin()
    return this.#outbox.due(this.#space.now, limit, lease)
  }

  async sent(jobs: readonly Sent[]): Promise<void> {
    this.#verb(jobs, ({ id, sending }) => this.#outbox.confirm(this.#space.get(id), sending))
  }

  peer(): MemoryStore {
    return new InMemoryStore(this.#space)
  }

  #verb<T, R>(items: readonly T[], step: (item: T) => R): R[] {
    this.#check()
    this.#space.begin()
    const answers = items.map(step)
    this.#space.end(items.length)
    return answers
  }

  #begin({ id, queue, token: claim }: Lease, length: Ms): Begun {
    const space = this.#space
    const row = space.record(id)
    if (row === undefined || row.finished || row.queue.name !== queue) return 'stale'
    row.queue.promote(space.now)
    const active = row.state === State.active
    if (active && row.token === token(row.attempt, claim)) return this.#started(row)
    if (active && row.until > space.now) return 'stale'
    if (row.state === State.scheduled || row.settled === token(row.attempt, claim)) {
      this.#outbox.postpone(row, Math.max(row.until, space.now))
      return 'stale'
    }
    if (row.queue.paused) {
      this.#outbox.park(row)
      return 'paused'
    }
    if (active) {
      space.takeOver(row)
    } else {
      row.queue.displace(row)
      changeState(row, State.active)
    }
    space.hold(row, token(row.attempt + 1, claim), length)
    return this.#started(row)
  }

  #started(row: Row): Begun {
    const { failures, crashes, redrives, cancelRequested } = row.extra
    const started: Begun = {
      lease: { id: row.id, queue: row.queue.name, token: row.token },
      attempt: row.attempt,
      failures,
      crashes,
      redrives,
      enqueuedAt: this.#space.epoch + row.enqueuedAt,
      origin: this.#outbox.origin(row),
    }
    return cancelRequested ? { ...started, cancelRequested } : started
  }
}
