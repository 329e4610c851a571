import {
  BackendError,
  type JobId,
  type JobRecord,
  type JobState,
  type ListQuery,
  type Page,
  type QueueCounts,
} from '@jobport/core/adapter'
import type { Row } from '../connection/connection.ts'
import { NAME } from '../limits.ts'
import countsSql from '../sql/counts.sql'
import endedJobs from '../sql/ended-jobs.sql'
import enqueuedAt from '../sql/enqueued-at.sql'
import idOf from '../sql/id-of.sql'
import listActive from '../sql/list-active.sql'
import listDue from '../sql/list-due.sql'
import listFewEnded from '../sql/list-few-ended.sql'
import listHeldDue from '../sql/list-held-due.sql'
import listHeldScheduled from '../sql/list-held-scheduled.sql'
import listManyEnded from '../sql/list-many-ended.sql'
import listReady from '../sql/list-ready.sql'
import listScheduled from '../sql/list-scheduled.sql'
import nextRank from '../sql/next-rank.sql'
import queuesSql from '../sql/queues.sql'
import recordSql from '../sql/record.sql'
import { STATE_NUMBERS } from './finish.ts'
import { holdingWith, type Holding } from './leases.ts'
import { CANCEL, type Traits } from './traits.ts'
import type { Transaction } from './transaction.ts'

/** Where `record.sql` found a job. */
const LATER = 1
const HELD = 2
const ACTIVE = 3
const FINISHED = 4

/** Up to so many, finished jobs of one state are gathered and sorted. */
const FEW = 5_000

const STATES: Readonly<Record<number, JobState>> = { 3: 'completed', 4: 'dead', 5: 'cancelled' }

/** What operators have to know of a job, and its record. */
export interface Found {
  readonly seq: number
  /** Number of the queue. */
  readonly queue: number
  readonly rank: number
  /** Number of the ending of a finished job. */
  readonly ending: number | null
  /** The token of the claim that ended it, without the attempt. */
  readonly claim: string | null
  readonly flags: number
  /** The lease of an active job. */
  readonly holding: Holding | undefined
  readonly record: JobRecord
}

/** `undefined`: unknown, or the record is gone. */
export function find(tx: Transaction, id: JobId): Found | undefined {
  const row = tx.on.get(recordSql, id)
  if (row === undefined || (row[11] === FINISHED && row[21] <= tx.now)) return undefined
  const holding = row[11] === ACTIVE ? holdingWith(tx, row[26], row[0]) : undefined
  return found(row, holding, tx.now)
}

export function list(tx: Transaction, query: ListQuery): Page {
  const from = sequenceAfter(query.after)
  const queue = tx.queue(query.queue)
  const limit = Math.max(0, query.limit)
  if (queue === undefined) return { jobs: [] }
  const seqs = matching(tx, queue.no, query, from, limit + 1)
  const jobs = seqs.slice(0, limit).map((seq) => find(tx, tx.on.value(idOf, seq))!.record)
  return seqs.length > limit ? { jobs, next: String(seqs[limit - 1] ?? from) } : { jobs }
}

/** The numbers of up to `limit` jobs in a state, oldest first. */
export function matching(
  tx: Transaction,
  queue: number,
  { state, name }: Pick<ListQuery, 'state' | 'name'>,
  from: number,
  limit: number,
): number[] {
  const ask = (sql: string, second: number, ...more: number[]): number[] =>
    tx.on.all(sql, queue, second, from, name ?? null, limit, ...more).map(([seq]) => seq)
  const merged = (...lists: number[][]): number[] =>
    lists
      .flat()
      .toSorted((a, b) => a - b)
      .slice(0, limit)
  switch (state) {
    case 'waiting':
      return merged(
        ...ranks(tx, queue).map((rank) => ask(listReady, rank)),
        ask(listDue, tx.now),
        ask(listHeldDue, tx.now),
      )
    case 'scheduled':
      return merged(ask(listScheduled, tx.now), ask(listHeldScheduled, tx.now))
    case 'active':
      return ask(listActive, tx.now)
    case 'completed':
    case 'dead':
    case 'cancelled': {
      const number = STATE_NUMBERS[state]
      const many = tx.on.value(endedJobs, queue, number, tx.now) > FEW
      return ask(many ? listManyEnded : listFewEnded, tx.now, number)
    }
  }
}

export function counts(tx: Transaction, name: string): QueueCounts {
  const row = tx.on.get(countsSql, name, tx.now)
  if (row === undefined)
    return { waiting: 0, scheduled: 0, active: 0, completed: 0, dead: 0, cancelled: 0, oldest: 0, paused: false }
  const [ready, due, later, heldDue, heldLater, active, completed, dead, cancelled, ...rest] = row
  const paused = rest.pop() === 1
  const firsts = rest.filter((seq) => seq !== null)
  const oldest = firsts.length === 0 ? 0 : Math.max(0, tx.now - tx.on.value(enqueuedAt, Math.min(...firsts)))
  return {
    waiting: ready + due + heldDue,
    scheduled: later + heldLater,
    active,
    completed,
    dead,
    cancelled,
    oldest,
    paused,
  }
}

export function queues(tx: Transaction): string[] {
  const names: string[] = tx.on.all(queuesSql, tx.now).map(([name]) => name)
  return names.toSorted()
}

function ranks(tx: Transaction, queue: number): number[] {
  const all: number[] = []
  for (let rank = -Infinity; ;) {
    const next: number | null = tx.on.value(nextRank, queue, rank)
    if (next === null) return all
    all.push((rank = next))
  }
}

function found(row: Row, holding: Holding | undefined, now: number): Found {
  const [seq, id, queueName, name, payload, headers, policy, rank, group, unique, enqueued, where, dueAt] = row
  const [state, finishedAt] = row.slice(19)
  const { attempt, failures, crashes, redrives, claimedAt, flags } = holding ?? traitsOf(row)
  const [result, errors, progress, logs, queue, ending, claim] = row.slice(22)
  const scheduled = (where === LATER || where === HELD) && dueAt !== null && dueAt > now
  const record: { -readonly [K in keyof JobRecord]: JobRecord[K] } = {
    id,
    queue: queueName,
    name,
    state: where === FINISHED ? STATES[state]! : where === ACTIVE ? 'active' : scheduled ? 'scheduled' : 'waiting',
    payload,
    headers: headers === null ? {} : JSON.parse(headers),
    priority: 0 - rank,
    attempt,
    failures,
    crashes,
    redrives,
    enqueuedAt: enqueued,
    errors: errors === null ? [] : JSON.parse(errors),
    logs: logs === null ? [] : JSON.parse(logs),
    cancelRequested: (flags & CANCEL) !== 0,
  }
  if (policy !== null) record.policy = policy
  if (group !== null) record.group = JSON.parse(group)
  if (unique !== null) record.unique = JSON.parse(unique)
  if (scheduled) record.dueAt = dueAt
  if (claimedAt !== null) record.claimedAt = claimedAt
  if (finishedAt !== null) record.finishedAt = finishedAt
  if (result !== null) record.result = result
  if (progress !== null) record.progress = progress
  return { seq, queue, rank, ending, claim, flags, holding, record }
}

function traitsOf(row: Row): Traits {
  const [attempt, failures, crashes, redrives, claimedAt, flags] = row.slice(13)
  return { attempt, failures, crashes, redrives, claimedAt, flags }
}

/** A cursor is the number of the last job that was read. */
function sequenceAfter(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw new BackendError(
    'invalid',
    NAME,
    `${JSON.stringify(cursor)} is no cursor; give the \`next\` of the page before`,
  )
}
