import type { Encoded, JobId, JobState, NewJob } from '../contract/job.ts'
import type { Seat } from './group.ts'
import type { Page } from './ledger.ts'
import type { List } from './order/list.ts'
import type { Queue } from './queue.ts'

/** The states of a job as small numbers; a `gone` row is a tombstone: its id, its last token and its unique key are left. */
export const State = { waiting: 0, scheduled: 1, active: 2, completed: 3, dead: 4, cancelled: 5, gone: 6 } as const
export type State = (typeof State)[keyof typeof State]

/** The name of each state that a record can show, by its number. */
export const STATE_NAMES: readonly JobState[] = ['waiting', 'scheduled', 'active', 'completed', 'dead', 'cancelled']

/**
 * Milliseconds since the space was made, an integer. Kept small so that the engine stores it inside the row; what people
 * read are milliseconds since 1970, which is `epoch` more.
 */
export type Tick = number

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({})
const ERRORS_KEPT = 20
const LOGS_KEPT = 100

/** What most jobs do without, kept apart so that a million rows stay small. */
export class Extra {
  policy: Encoded | undefined = undefined
  group: string | undefined = undefined
  /** The place in the group of a row that is not finished. */
  seat: Seat | undefined = undefined
  uniqueKey: string | undefined = undefined
  /** The unique key stays taken at least until then. */
  uniqueUntil: Tick = 0
  /** `until` of a scheduled job, by the clock on the wall. */
  dueAt: Tick = 0
  failures = 0
  crashes = 0
  /** The holder of the lease has reported that its handler is about to be called. */
  begun = false
  redrives = 0
  cancelRequested = false
  progress: Encoded | undefined = undefined
  readonly errors: Encoded[] = []
  readonly logs: Encoded[] = []
}

const NO_EXTRA: Readonly<Extra> = Object.freeze(new Extra())

/** One job, in every state. All rows have the same shape, and each list and heap that they are part of goes through them. */
export class Row {
  readonly id: JobId
  readonly queue: Queue
  /** Its place in the queue: the order of enqueueing, for ever. */
  readonly sequence: number
  readonly priority: number
  readonly enqueuedAt: Tick
  name: string
  payload: Encoded
  headers: Readonly<Record<string, string>>

  state: State = State.waiting
  /** When the state ends by itself: a scheduled job falls due, a lease ends, a finished record leaves, a tombstone too. */
  until: Tick
  attempt = 0
  claimedAt: Tick = 0
  finishedAt: Tick = 0
  /** Until then the id and the last token of a finished job stay known. */
  knownUntil: Tick = 0
  /** Of the newest claim. */
  token = ''
  /** The newest token that settled the job. */
  settled = ''
  result: Encoded | undefined = undefined
  #extra: Extra | undefined = undefined

  page: Page | undefined = undefined
  index = -1
  previous: Row | undefined = undefined
  next: Row | undefined = undefined
  list: List<Row> | undefined = undefined

  /** `now` and `date`: the moment, on the monotonic and on the wall clock. */
  constructor(job: NewJob, queue: Queue, sequence: number, now: Tick, date: Tick) {
    const { delay = 0, priority = 0, policy, group, unique } = job
    this.id = job.id
    this.queue = queue
    this.sequence = sequence
    this.priority = priority
    this.enqueuedAt = date
    this.name = job.name
    this.payload = job.payload
    this.headers = copyHeaders(job.headers)
    this.until = delay > 0 ? now + delay : 0
    if (delay > 0) this.own.dueAt = date + delay
    if (policy !== undefined) this.own.policy = policy
    if (group !== undefined) this.own.group = group
    if (unique !== undefined) {
      this.own.uniqueKey = unique.key
      this.own.uniqueUntil = unique.within === undefined || unique.within === 0 ? 0 : now + unique.within
    }
  }

  /** To be read. */
  get extra(): Readonly<Extra> {
    return this.#extra ?? NO_EXTRA
  }

  /** To be changed. */
  get own(): Extra {
    return (this.#extra ??= new Extra())
  }

  get finished(): boolean {
    return this.state >= State.completed
  }

  /** Whether there is a record to be read. One whose time is over counts as gone, removed or not. */
  visible(now: Tick): boolean {
    return this.state < State.completed || (this.state !== State.gone && this.until > now)
  }

  /** Whether it may be claimed as far as its group is concerned. */
  get mayStart(): boolean {
    const { seat } = this.extra
    return seat === undefined || seat.isHead
  }

  addError(error: Encoded): void {
    append(this.own.errors, error, ERRORS_KEPT)
  }

  addLog(line: Encoded): void {
    append(this.own.logs, line, LOGS_KEPT)
  }

  /** Frees all that a tombstone does not need. */
  strip(): void {
    const { uniqueKey, uniqueUntil } = this.extra
    this.state = State.gone
    this.name = ''
    this.payload = ''
    this.headers = NO_HEADERS
    this.result = undefined
    this.#extra = undefined
    if (uniqueKey === undefined) return
    this.own.uniqueKey = uniqueKey
    this.own.uniqueUntil = uniqueUntil
  }
}

function append<T>(items: T[], item: T, most: number): void {
  items.push(item)
  if (items.length > most) items.shift()
}

function copyHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const _ in headers) return Object.freeze({ ...headers })
  return NO_HEADERS
}
