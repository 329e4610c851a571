import type { JobRecord, JobState } from '@jobport/core/adapter'
import type { Row } from '../connection/session.ts'
import { CANCEL } from './claimed.ts'
import { headersOf, type Extra } from './extra.ts'

/** The numbers that stand for states, in tables and statements. */
export const STATES: Readonly<Record<JobState, number>> = {
  waiting: 1,
  scheduled: 2,
  completed: 3,
  dead: 4,
  cancelled: 5,
  active: 6,
}

const BY_NUMBER = Object.fromEntries(Object.entries(STATES).map(([state, no]) => [no, state])) as Record<
  number,
  JobState
>

export function stateOf(number: number): JobState {
  return BY_NUMBER[number]!
}

/** A row of `records.sql`. */
export function recordOf(row: Row): JobRecord {
  const [, key, queue, name, payload, extraText, rank, enqueuedAt, place, ...changing] = row
  const [flags, attempt, failures, crashes, redrives, claimedAt, dueAt, finishedAt, result, errors, logs, progress] =
    changing
  const extra: Extra = extraText === null ? {} : JSON.parse(extraText)
  const state = stateOf(Number(place))
  const record: { -readonly [K in keyof JobRecord]: JobRecord[K] } = {
    id: extra.i ?? key,
    queue,
    name,
    state,
    payload,
    headers: headersOf(extra),
    priority: 0 - Number(rank),
    attempt: Number(attempt),
    failures: Number(failures),
    crashes: Number(crashes),
    redrives: Number(redrives),
    enqueuedAt: Number(enqueuedAt),
    errors: errors === null ? [] : JSON.parse(errors),
    logs: logs === null ? [] : JSON.parse(logs),
    cancelRequested: (Number(flags) & CANCEL) !== 0,
  }
  if (extra.p !== undefined) record.policy = extra.p
  if (extra.g !== undefined) record.group = JSON.parse(extra.g)
  if (extra.u !== undefined) record.unique = JSON.parse(extra.u)
  if (state === 'scheduled') record.dueAt = Number(dueAt)
  if (claimedAt !== null) record.claimedAt = Number(claimedAt)
  if (finishedAt !== null) record.finishedAt = Number(finishedAt)
  if (result !== null) record.result = result
  if (progress !== null) record.progress = progress
  return record
}
