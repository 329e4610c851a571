import { claimId, type ClaimedJob, type ClaimRequest } from '@jobport/core/adapter'
import type { Row } from '../connection/connection.ts'
import { after } from '../limits.ts'
import dropLeased from '../sql/drop-leased.sql'
import dropPromoted from '../sql/drop-promoted.sql'
import firstLeaseEnd from '../sql/first-lease-end.sql'
import leaseExpired from '../sql/lease-expired.sql'
import leaseReady from '../sql/lease-ready.sql'
import lowerLeaseBound from '../sql/lower-lease-bound.sql'
import promoteLater from '../sql/promote-later.sql'
import readExpired from '../sql/read-expired.sql'
import readReady from '../sql/read-ready.sql'
import setLeaseBound from '../sql/set-lease-bound.sql'
import { CANCEL } from './place.ts'
import { sealed } from './token.ts'
import type { QueueRow, Transaction } from './transaction.ts'

/** So many that fell due become claimable in one call; the others in the next. */
const PROMOTED = 5_000

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({})

/** Expired leases first, then what is due in the order of its key. */
export function claim(tx: Transaction, { queue: name, limit, lease }: Omit<ClaimRequest, 'wait'>): ClaimedJob[] {
  const queue = tx.queue(name)
  if (queue === undefined || queue.paused || limit <= 0) return []
  const claimed: ClaimedJob[] = []
  const id = claimId()
  const until = after(tx.now, lease)
  const expired = queue.leaseBound !== null && queue.leaseBound <= tx.now
  if (expired) takeExpired(tx, queue, id, limit, until, claimed)
  promote(tx, queue)
  if (claimed.length < limit) takeReady(tx, queue, id, limit - claimed.length, until, claimed)
  if (expired) tx.on.run(setLeaseBound, queue.no, tx.on.value(firstLeaseEnd, queue.no))
  else if (claimed.length > 0 && (queue.leaseBound === null || until < queue.leaseBound)) {
    tx.on.run(lowerLeaseBound, queue.no, until)
    // Those who wait have to know when this lease ends.
    tx.stirred.add(name)
  }
  return claimed
}

function takeExpired(tx: Transaction, queue: QueueRow, id: string, limit: number, until: number, claimed: ClaimedJob[]): void {
  for (const row of tx.on.all(readExpired, queue.no, tx.now, limit)) {
    tx.on.run(leaseExpired, row[0], id, until, tx.now)
    claimed.push(claimedJob(row, queue.name, id))
  }
}

function takeReady(tx: Transaction, queue: QueueRow, id: string, limit: number, until: number, claimed: ClaimedJob[]): void {
  const rows = tx.on.all(readReady, queue.no, limit)
  const last = rows.at(-1)
  if (last === undefined) return
  tx.on.run(leaseReady, queue.no, rows.length, id, until, tx.now)
  tx.on.run(dropLeased, queue.no, last[6], last[0])
  for (const row of rows) claimed.push(claimedJob(row, queue.name, id))
}

function promote(tx: Transaction, queue: QueueRow): void {
  if (tx.on.run(promoteLater, queue.no, tx.now, PROMOTED) > 0) tx.on.run(dropPromoted, queue.no, tx.now, PROMOTED)
}

function claimedJob(row: Row, queue: string, claim: string): ClaimedJob {
  const [seq, flags, attempts, failures, crashes, redrives, rank, id, name, payload, headers, policy, group, enqueuedAt] = row
  const attempt = attempts + 1
  const job: { -readonly [K in keyof ClaimedJob]: ClaimedJob[K] } = {
    lease: { id, queue, token: sealed(attempt, claim, seq, flags, id) },
    name,
    payload,
    headers: headers === null ? NO_HEADERS : JSON.parse(headers),
    priority: 0 - rank,
    attempt,
    failures,
    crashes,
    redrives,
    enqueuedAt,
  }
  if (policy !== null) job.policy = policy
  if (group !== null) job.group = JSON.parse(group)
  if ((flags & CANCEL) !== 0) job.cancelRequested = true
  return job
}
