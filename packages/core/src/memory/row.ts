import type { Encoded, JobId, JobState, NewJob } from '../contract/job.ts'
import type { Seat } from './group.ts'
import type { Page } from './ledger.ts'
import type { List } from './order/list.ts'
import type { Queue } from './queue.ts'

/** The states of a job as small numbers; a `gone` row is a tombstone, of which only the id, the last token and the unique key are left. */
export const State = { waiting: 0, scheduled: 1, active: 2, completed: 3, dead: 4, cancelled: 5, gone: 6 } as const
export type State = (typeof State)[keyof typeof State]

/** The name of each state that a record can show, by its number. */
export const STATE_NAMES: readonly JobState[] = ['waiting', 'scheduled', 'active', 'completed', 'dead', 'cancelled']

/**
 * Milliseconds since the space was made, an integer. Kept small so that the engine stores it inside the row; what people read
 * are milliseconds since 1970, which is `epoch` more.
 */
export type Tick = number

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({})

/** What few jobs have: kept apart, so that the others stay small. */
export class News {
  errors: Encoded[] = []
  logs: Encoded[] = []
  progress: Encoded | undefined = undefined
}

/** One job, in every state. All rows have the same shape, and every list and heap that they are part of goes through them. */
export class Row {
  readonly id: JobId
  readonly queue: Queue
  /** Its place in the queue: the order of enqueueing, for ever. */
  readonly sequence: number
  readonly priority: number
  readonly group: string | undefined
  readonly uniqueKey: string | undefined
  /** The unique key stays taken at least until then. */
  readonly uniqueUntil: Tick
  readonly enqueuedAt: Tick
  name: string
  payload: Encoded
  headers: Readonly<Record<string, string>>
  policy: Encoded | undefined

  state: State = State.waiting
  /** When the state ends by itself: a scheduled job falls due, a lease ends, a finished record leaves, a tombstone crumbles. */
  until: Tick
  /** `until` of a scheduled job, by the clock on the wall. */
  dueAt: Tick
  attempt = 0
  failures = 0
  crashes = 0
  redrives = 0
  claimedAt: Tick = 0
  finishedAt: Tick = 0
  /** Until then the id and the last token of a finished job stay known. */
  knownUntil: Tick = 0
  /** Of the newest claim. */
  token = ''
  /** The newest token that settled the job. */
  settled = ''
  cancelRequested = false
  result: Encoded | undefined = undefined
  news: News | undefined = undefined

  page: Page | undefined = undefined
  seat: Seat | undefined = undefined
  index = -1
  previous: Row | undefined = undefined
  next: Row | undefined = undefined
  list: List<Row> | undefined = undefined

  /** `now` and `date`: the moment, on the monotonic and on the wall clock. */
  constructor(job: NewJob, queue: Queue, sequence: number, now: Tick, date: Tick) {
    const delay = job.delay ?? 0
    const unique = job.unique
    this.id = job.id
    this.queue = queue
    this.sequence = sequence
    this.priority = job.priority ?? 0
    this.group = job.group
    this.uniqueKey = unique === undefined ? undefined : unique.key
    this.uniqueUntil = unique === undefined ? 0 : now + (unique.within ?? 0)
    this.enqueuedAt = date
    this.name = job.name
    this.payload = job.payload
    this.headers = copyHeaders(job.headers)
    this.policy = job.policy
    this.until = delay > 0 ? now + delay : 0
    this.dueAt = delay > 0 ? date + delay : 0
  }

  get finished(): boolean {
    return this.state >= State.completed
  }

  /** Whether there is a record to be read. One whose time is over counts as gone, removed or not. */
  visible(now: Tick): boolean {
    return this.state < State.completed || (this.state !== State.gone && this.until > now)
  }

  addError(error: Encoded): void {
    append((this.news ??= new News()).errors, error, 20)
  }

  setProgress(progress: Encoded): void {
    ;(this.news ??= new News()).progress = progress
  }

  addLog(line: Encoded): void {
    append((this.news ??= new News()).logs, line, 100)
  }

  /** Frees all that a tombstone does not need. */
  strip(): void {
    this.state = State.gone
    this.name = ''
    this.payload = ''
    this.headers = NO_HEADERS
    this.policy = undefined
    this.result = undefined
    this.news = undefined
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
