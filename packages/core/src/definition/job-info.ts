import type { ClaimedJob, JobId, JobRecord, Timestamp } from '../contract/job.ts'

/** What a handler, an event and a notification rule know of a job. */
export interface JobInfo {
  readonly id: JobId
  readonly queue: string
  readonly name: string
  /** 1 on the first claim; grows with every claim. */
  readonly attempt: number
  /** Failed attempts before this one. */
  readonly failures: number
  /** Attempts before this one that ended without a word. */
  readonly crashes: number
  /** How often an operator has sent the finished job back to work. */
  readonly redrives: number
  readonly headers: Readonly<Record<string, string>>
  readonly priority: number
  readonly group: string | undefined
  readonly enqueuedAt: Timestamp
}

export function jobInfo(claimed: ClaimedJob): JobInfo {
  return {
    id: claimed.lease.id,
    queue: claimed.lease.queue,
    name: claimed.name,
    attempt: claimed.attempt,
    failures: claimed.failures,
    crashes: claimed.crashes,
    redrives: claimed.redrives,
    headers: claimed.headers,
    priority: claimed.priority ?? 0,
    group: claimed.group,
    enqueuedAt: claimed.enqueuedAt,
  }
}

/** The same of a job that nobody holds. */
export function recordInfo(record: JobRecord): JobInfo {
  const { id, queue, name, attempt, failures, crashes, redrives, headers, priority, group, enqueuedAt } = record
  return { id, queue, name, attempt, failures, crashes, redrives, headers, priority, group, enqueuedAt }
}
