import type { Enqueued } from '../contract/backend.ts'
import type { ClaimedJob, FinalState, JobId, Lease, Ms, NewJob } from '../contract/job.ts'
import type { Extended, Report, Settled, Settlement } from '../contract/settlement.ts'
import { BackendError } from '../errors/backend-error.ts'
import { token } from '../kit/token.ts'
import { TOMBSTONE } from '../kit/tombstone.ts'
import type { Clock } from '../time/clock.ts'
import { changeState } from './ledger.ts'
import { ADMISSION, NAME } from './limits.ts'
import type { Outbox } from './outbox.ts'
import { Retention } from './order/retention.ts'
import { Queue } from './queue.ts'
import { Row, State, type Tick } from './row.ts'
import { Rows } from './rows.ts'
import { WaitingRoom } from './waiting-room.ts'
import { RowLease } from './row-lease.ts'
import { Watchers } from './watchers.ts'

const ENQUEUED: Enqueued = Object.freeze({ status: 'enqueued' })

/** Rows that leave in any call, besides one for each item of the call: what a call brings in, some later call takes out. */
const SWEPT_PER_CALL = 32

/**
 * Where the jobs are: what a server is to other backends. Every verb runs to its end without a pause, so each is atomic. A verb begins
 * with `begin`, which reads the clocks once, and ends with `end`, which cleans a little and serves those who wait or watch.
 */
export class Space {
  readonly clock: Clock
  readonly watchers: Watchers
  readonly waiting: WaitingRoom
  /** Of a space that is the memory of a broker. */
  readonly outbox: Outbox | undefined
  /** What to add to a `Tick` of the wall clock to get milliseconds since 1970. */
  readonly epoch: number
  /** The moment of the running verb: no duration ends before it is wholly over, so they start at `from` and end by `now`. */
  now: Tick = 0
  from: Tick = 0
  /** The same by the clock on the wall. */
  date: Tick = 0

  readonly #rows = new Rows()
  readonly #queues = new Map<string, Queue>()
  readonly #retention = new Retention((row) => this.#expire(row))
  readonly #origin: number
  readonly #capacity: number
  /** Counts claims: no number comes twice while the jobs are there, and equal histories have equal tokens. */
  #claims = 0
  #recent: Queue | undefined = undefined

  constructor(clock: Clock, capacity: number, warn: (message: string) => void, outbox?: Outbox) {
    this.clock = clock
    this.outbox = outbox
    this.watchers = new Watchers(warn)
    this.waiting = new WaitingRoom(this)
    this.#origin = clock.now()
    this.epoch = clock.date()
    this.#capacity = capacity
  }

  begin(): void {
    const now = this.clock.now() - this.#origin
    this.now = Math.floor(now)
    this.from = Math.ceil(now)
    this.date = this.clock.date() - this.epoch
  }

  /** How long it is until a moment, precisely. */
  until(moment: Tick): Ms {
    return this.#origin + moment - this.clock.now()
  }

  /** `size`: how many items the verb was about. */
  end(size: number): void {
    this.#retention.sweep(this.now, size + SWEPT_PER_CALL)
    this.waiting.serve()
    this.watchers.tell()
  }

  get(id: JobId): Row | undefined {
    return this.#rows.get(id)
  }

  /** The row, if there is a record to be read. */
  record(id: JobId): Row | undefined {
    const row = this.#rows.get(id)
    return row !== undefined && row.visible(this.now) ? row : undefined
  }

  queue(name: string): Queue | undefined {
    if (this.#recent !== undefined && this.#recent.name === name) return this.#recent
    const queue = this.#queues.get(name)
    if (queue !== undefined) this.#recent = queue
    return queue
  }

  /** As `queue`, and makes it when there is none. */
  ensureQueue(name: string): Queue {
    let queue = this.queue(name)
    if (queue === undefined) this.#queues.set(name, (queue = new Queue(name)))
    return queue
  }

  /** Forgets a queue that nothing is left of. */
  dropIfIdle(queue: Queue): void {
    if (!queue.idle) return
    this.#queues.delete(queue.name)
    if (this.#recent === queue) this.#recent = undefined
  }

  queueNames(): string[] {
    this.#retention.sweepAll(this.now)
    const names: string[] = []
    for (const queue of this.#queues.values()) if (!queue.ledger.empty) names.push(queue.name)
    return names.toSorted()
  }

  /** A queue with every row in the state that it has at this moment. */
  upToDate(name: string): Queue | undefined {
    this.#retention.sweepAll(this.now)
    const queue = this.queue(name)
    queue?.promote(this.now)
    return queue
  }

  /** What `add` would answer, but for a job that it would take. */
  objection(job: NewJob): Exclude<Enqueued, { status: 'enqueued' }> | undefined {
    const error = ADMISSION.refuseJob(job)
    if (error !== undefined) return { status: 'refused', error }
    const known = this.#rows.get(job.id)
    if (known !== undefined && !this.#crumbled(known)) return { status: 'duplicate', of: job.id }
    if (job.unique !== undefined) {
      const holder = this.queue(job.queue)?.holder(job.unique.key, this.now)
      if (holder !== undefined) return { status: 'duplicate', of: holder.id }
    }
    if (this.#rows.size < this.#capacity) return undefined
    return {
      status: 'refused',
      error: new BackendError(
        'full',
        NAME,
        `no space for more than ${this.#capacity} jobs, finished ones included; let more workers run, or keep finished jobs for a shorter time`,
      ),
    }
  }

  add(job: NewJob): Enqueued {
    const objection = this.objection(job)
    if (objection !== undefined) return objection
    const queue = this.ensureQueue(job.queue)
    const row = new Row(job, queue, queue.ledger.sequence++, this.from, this.date)
    this.#rows.add(row)
    queue.size++
    if (job.unique !== undefined) queue.unique.set(job.unique.key, row)
    queue.ledger.add(row)
    queue.join(row)
    queue.place(row, this.now)
    this.outbox?.add(row, this.from, job.delay ?? 0)
    this.waiting.stir(queue)
    return ENQUEUED
  }

  /** The active row that a lease is the newest claim of. */
  held(lease: Lease): Row | undefined {
    const own = RowLease.rowOf(lease)
    const row = own !== undefined && this.queue(own.queue.name) === own.queue ? own : this.#rows.get(lease.id)
    return row !== undefined &&
      row.state === State.active &&
      row.token === lease.token &&
      row.queue.name === lease.queue
      ? row
      : undefined
  }

  /** What a settlement is answered whose lease is not held. */
  afterwards(lease: Lease): 'applied' | 'lost' {
    const row = this.#rows.get(lease.id)
    if (row === undefined || row.settled === '' || row.settled !== lease.token) return 'lost'
    return row.queue.name === lease.queue && !this.#crumbled(row) ? 'applied' : 'lost'
  }

  settle(settlement: Settlement): Settled {
    const row = this.held(settlement.lease)
    if (row === undefined) return this.afterwards(settlement.lease)
    const refused = ADMISSION.refuseSettlement(settlement) ?? this.#refuseForSpace(settlement.then)
    if (refused !== undefined) return refused
    row.queue.leases.remove(row)
    row.settled = row.token
    row.token = ''
    switch (settlement.to) {
      case 'completed':
        row.result = settlement.result
        this.finish(row, 'completed', settlement.keep)
        break
      case 'dead':
        row.addError(settlement.error)
        this.finish(row, 'dead', settlement.keep)
        break
      case 'cancelled':
        this.finish(row, 'cancelled', settlement.keep)
        break
      case 'waiting':
        if (settlement.error !== undefined) row.addError(settlement.error)
        if (settlement.counts === 'failure') row.own.failures++
        this.postpone(row, settlement.delay)
    }
    if (settlement.then !== undefined) for (const job of settlement.then) this.add(job)
    return 'applied'
  }

  /** Makes a row that stands nowhere claimable after a delay. */
  postpone(row: Row, delay: Ms): void {
    row.until = delay > 0 ? this.from + delay : 0
    if (delay > 0) row.own.dueAt = this.date + delay
    row.queue.place(row, this.now)
    this.outbox?.wait(row, this.from, delay)
    this.waiting.stir(row.queue)
  }

  /** Finishes a row that stands nowhere. */
  finish(row: Row, state: FinalState, keep: Ms): void {
    const queue = row.queue
    changeState(row, State[state])
    row.finishedAt = this.date
    row.until = this.from + keep
    row.knownUntil = Math.max(row.until, this.from + TOMBSTONE, row.extra.uniqueUntil)
    queue.release(row, this.now)
    this.outbox?.remove(row)
    if (row.extra.seat !== undefined) {
      queue.leave(row)
      this.waiting.stir(queue)
    }
    this.watchers.note(row.id, queue.name, state)
    if (keep > 0) this.#retention.add(row)
    else this.#expire(row)
  }

  /** Takes a finished record back among those that have yet to run; it stands nowhere then. */
  revive(row: Row): void {
    this.#retention.remove(row)
    const extra = row.own
    if (extra.uniqueKey !== undefined) row.queue.unique.set(extra.uniqueKey, row)
    changeState(row, State.waiting)
    row.queue.join(row)
    row.result = undefined
    extra.failures = 0
    extra.crashes = 0
    extra.redrives++
    extra.cancelRequested = false
  }

  /** Drops a row that is not active, as if it had never been. */
  remove(row: Row): void {
    const queue = row.queue
    if (row.finished) {
      this.#retention.remove(row)
    } else {
      queue.displace(row)
      queue.leave(row)
      this.outbox?.remove(row)
      this.waiting.stir(queue)
    }
    queue.ledger.remove(row)
    this.#forget(row)
  }

  take(queue: Queue, limit: number, lease: Ms): ClaimedJob[] {
    const claimed: ClaimedJob[] = []
    if (queue.paused) return claimed
    queue.promote(this.now)
    let claim = ''
    let first = ''
    while (claimed.length < limit) {
      let row = queue.leases.expired(this.now)
      if (row !== undefined) {
        this.takeOver(row)
      } else {
        row = queue.next()
        if (row === undefined) break
        changeState(row, State.active)
      }
      if (claim === '') {
        claim = `m${(++this.#claims).toString(36)}`
        first = token(1, claim)
      }
      this.hold(row, row.attempt === 0 ? first : token(row.attempt + 1, claim), lease)
      claimed.push(this.#claimed(row))
    }
    return claimed
  }

  /** Ends the claim of an active row whose lease ran out. */
  takeOver(row: Row): void {
    row.queue.leases.remove(row)
    if (row.extra.crashes === 0 || row.extra.begun) row.own.crashes++
  }

  /** Begins a claim of an active row that nobody holds. */
  hold(row: Row, token: string, lease: Ms): void {
    if (row.extra.begun) row.own.begun = false
    row.attempt++
    row.token = token
    row.claimedAt = this.date
    row.until = this.from + lease
    row.queue.leases.add(row, lease)
    this.outbox?.lease(row)
  }

  extend(lease: Lease, length: Ms): Extended {
    const row = this.held(lease)
    if (row === undefined) return 'lost'
    row.queue.leases.remove(row)
    row.until = this.from + length
    row.queue.leases.add(row, length)
    this.outbox?.lease(row)
    this.waiting.stir(row.queue)
    return row.extra.cancelRequested ? 'cancelled' : 'applied'
  }

  report(report: Report): Settled {
    const row = this.held(report.lease)
    if (row === undefined) return 'lost'
    if (report.begun === true) row.own.begun = true
    if (report.progress !== undefined) {
      const refused = ADMISSION.refuseValue(report.progress, 'the progress', row.id)
      if (refused !== undefined) return refused
      row.own.progress = report.progress
    }
    if (report.logs !== undefined) for (const line of report.logs) row.addLog(line)
    return 'applied'
  }

  #refuseForSpace(then: readonly NewJob[] | undefined): BackendError | undefined {
    if (then === undefined || this.#rows.size + then.length <= this.#capacity) return undefined
    for (const job of then) {
      const objection = this.objection(job)
      if (objection?.status === 'refused') return objection.error as BackendError
    }
    return undefined
  }

  /** A row whose time is over: a record becomes a tombstone, a tombstone nothing. */
  #expire(row: Row): void {
    if (row.state === State.gone) return this.#forget(row)
    row.queue.ledger.remove(row)
    if (row.knownUntil <= this.now) return this.#forget(row)
    row.strip()
    row.until = row.knownUntil
    this.#retention.add(row)
  }

  /** Whether a tombstone is past its time, and gone now. */
  #crumbled(row: Row): boolean {
    if (!row.finished || row.knownUntil > this.now) return false
    this.#retention.remove(row)
    this.#expire(row)
    return true
  }

  #forget(row: Row): void {
    const queue = row.queue
    this.#rows.remove(row)
    const key = row.extra.uniqueKey
    if (key !== undefined && queue.unique.get(key) === row) queue.unique.delete(key)
    queue.size--
    this.dropIfIdle(queue)
  }

  #claimed(row: Row): ClaimedJob {
    const { extra } = row
    const job: { -readonly [K in keyof ClaimedJob]: ClaimedJob[K] } = {
      lease: new RowLease(row),
      name: row.name,
      payload: row.payload,
      headers: row.headers,
      priority: row.priority,
      attempt: row.attempt,
      failures: extra.failures,
      crashes: extra.crashes,
      redrives: extra.redrives,
      enqueuedAt: this.epoch + row.enqueuedAt,
    }
    if (extra.policy !== undefined) job.policy = extra.policy
    if (extra.group !== undefined) job.group = extra.group
    if (extra.cancelRequested) job.cancelRequested = true
    return job
  }
}
