import type { Finished, Inspector, ListQuery, Page, QueueCounts } from '../contract/inspector.ts'
import type { JobId, JobRecord } from '../contract/job.ts'
import { BackendError } from '../errors/backend-error.ts'
import { NAME } from './limits.ts'
import { State, STATE_NAMES, type Row } from './row.ts'
import type { Space } from './space.ts'

/** Reads the jobs of a space for one backend, which is asked by `check` whether it is open. */
export class MemoryInspector implements Inspector {
  readonly #space: Space
  readonly #check: () => void
  readonly #watching = new Set<() => void>()

  constructor(space: Space, check: () => void) {
    this.#space = space
    this.#check = check
  }

  async find(ids: readonly JobId[]): Promise<readonly (JobRecord | undefined)[]> {
    this.#begin()
    return ids.map((id) => {
      const row = this.#space.record(id)
      return row === undefined ? undefined : this.#record(row)
    })
  }

  async list(query: ListQuery): Promise<Page> {
    this.#begin()
    const from = sequenceAfter(query.after)
    const queue = this.#space.upToDate(query.queue)
    const jobs: JobRecord[] = []
    if (queue === undefined) return { jobs }
    let last = from
    for (const row of queue.ledger.rows(State[query.state], from)) {
      if (query.name !== undefined && row.name !== query.name) continue
      if (jobs.length >= query.limit) return { jobs, next: String(last) }
      jobs.push(this.#record(row))
      last = row.sequence
    }
    return { jobs }
  }

  async counts(name: string): Promise<QueueCounts> {
    this.#begin()
    const queue = this.#space.upToDate(name)
    const count = (state: State): number => queue?.ledger.count(state) ?? 0
    const oldest = queue?.ledger.rows(State.waiting).next().value
    return {
      waiting: count(State.waiting),
      scheduled: count(State.scheduled),
      active: count(State.active),
      completed: count(State.completed),
      dead: count(State.dead),
      cancelled: count(State.cancelled),
      oldest: oldest ? Math.max(0, this.#space.date - oldest.enqueuedAt) : 0,
      paused: queue?.paused ?? false,
    }
  }

  async queues(): Promise<readonly string[]> {
    this.#begin()
    return this.#space.queueNames()
  }

  async watch(listener: (finished: readonly Finished[]) => void): Promise<() => Promise<void>> {
    this.#check()
    const end = this.#space.watchers.add(listener)
    this.#watching.add(end)
    return async () => {
      this.#watching.delete(end)
      end()
    }
  }

  /** Ends all watching. */
  close(): void {
    for (const end of this.#watching) end()
    this.#watching.clear()
  }

  #begin(): void {
    this.#check()
    this.#space.begin()
  }

  #record(row: Row): JobRecord {
    const { epoch, now } = this.#space
    const { extra } = row
    const state = row.state === State.scheduled && row.until <= now ? State.waiting : row.state
    const record: { -readonly [K in keyof JobRecord]: JobRecord[K] } = {
      id: row.id,
      queue: row.queue.name,
      name: row.name,
      state: STATE_NAMES[state]!,
      payload: row.payload,
      headers: row.headers,
      priority: row.priority,
      attempt: row.attempt,
      failures: extra.failures,
      crashes: extra.crashes,
      redrives: extra.redrives,
      enqueuedAt: epoch + row.enqueuedAt,
      errors: [...extra.errors],
      logs: [...extra.logs],
      cancelRequested: extra.cancelRequested,
    }
    if (extra.policy !== undefined) record.policy = extra.policy
    if (extra.group !== undefined) record.group = extra.group
    if (extra.uniqueKey !== undefined) record.unique = extra.uniqueKey
    if (state === State.scheduled) record.dueAt = epoch + extra.dueAt
    if (row.attempt > 0) record.claimedAt = epoch + row.claimedAt
    if (row.finished) record.finishedAt = epoch + row.finishedAt
    if (row.result !== undefined) record.result = row.result
    if (extra.progress !== undefined) record.progress = extra.progress
    return record
  }
}

/** A cursor is the place of the last job that was read. */
function sequenceAfter(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor) + 1
  throw new BackendError(
    'invalid',
    NAME,
    `${JSON.stringify(cursor)} is no cursor; give the \`next\` of the page before`,
  )
}
