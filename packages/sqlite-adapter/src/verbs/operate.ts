import type { Cancellation, CancelRequest, JobId, PurgeRequest } from '@jobport/core/adapter'
import { ADMISSION } from '../limits.ts'
import dropFinished from '../sql/drop-finished.sql'
import dropJob from '../sql/drop-job.sql'
import dropNotes from '../sql/drop-notes.sql'
import dropResult from '../sql/drop-result.sql'
import dropReturned from '../sql/drop-returned.sql'
import dropUnique from '../sql/drop-unique.sql'
import idOf from '../sql/id-of.sql'
import removedOf from '../sql/removed-of.sql'
import removeFromEnding from '../sql/remove-from-ending.sql'
import retakeUnique from '../sql/retake-unique.sql'
import setPaused from '../sql/set-paused.sql'
import setReturned from '../sql/set-returned.sql'
import shrinkEnding from '../sql/shrink-ending.sql'
import uniqueHolder from '../sql/unique-holder.sql'
import { enqueue } from './enqueue.ts'
import { cancelWaiting } from './finish.ts'
import { find, matching, type Found } from './inspect.ts'
import { change } from './leases.ts'
import { displace, join, keys, leave, place, type Mobile } from './place.ts'
import { CANCEL, GROUP, UNIQUE } from './traits.ts'
import type { Transaction } from './transaction.ts'

/** @throws BackendError `invalid` or `too-large` when a follow-up can never be accepted; nothing is cancelled then. */
export function cancel(tx: Transaction, requests: readonly CancelRequest[]): Cancellation[] {
  for (const { id, then } of requests) {
    const refused = ADMISSION.refuseFollowers(then, id)
    if (refused !== undefined) throw refused
  }
  return requests.map((request) => cancelOne(tx, request))
}

export function retry(tx: Transaction, ids: readonly JobId[]): boolean[] {
  return ids.map((id) => {
    const job = find(tx, id)
    if (job === undefined) return false
    const retried = job.ending === null ? hasten(tx, job) : revive(tx, job)
    if (!retried) return false
    tx.outbox?.wait(job.seq, null)
    tx.stirred.add(job.record.queue)
    return true
  })
}

export function remove(tx: Transaction, ids: readonly JobId[]): boolean[] {
  const removal = new Removal(tx)
  const answers = ids.map((id) => {
    const job = find(tx, id)
    if (job === undefined || job.record.state === 'active') return false
    removal.drop(job)
    return true
  })
  removal.end()
  return answers
}

export function purge(tx: Transaction, { queue, state, limit }: PurgeRequest): number {
  const row = tx.queue(queue)
  if (row === undefined || limit <= 0) return 0
  const removal = new Removal(tx)
  const seqs = matching(tx, row.no, { state }, 0, limit)
  for (const seq of seqs) removal.drop(find(tx, tx.on.value(idOf, seq))!)
  removal.end()
  return seqs.length
}

export function pause(tx: Transaction, queue: string): void {
  tx.on.run(setPaused, queue, 1)
  tx.stirred.add(queue)
}

export function resume(tx: Transaction, queue: string): void {
  const row = tx.queue(queue)
  if (row === undefined) return
  tx.on.run(setPaused, queue, 0)
  tx.outbox?.resume(row.no)
  tx.stirred.add(queue)
}

function cancelOne(tx: Transaction, { id, keep, then }: CancelRequest): Cancellation {
  const job = find(tx, id)
  if (job === undefined) return 'not-found'
  if (job.ending !== null) return 'finished'
  tx.stirred.add(job.record.queue)
  if (job.holding !== undefined) {
    if ((job.flags & CANCEL) === 0) change(tx, job.holding, [job.seq], { flags: job.flags | CANCEL })
    return 'requested'
  }
  cancelWaiting(tx, displace(tx, job.seq, job.rank, keys(tx, job.seq))!, keep)
  if (then !== undefined && then.length > 0) enqueue(tx, then)
  return 'cancelled'
}

/** Takes the delay off a scheduled job. */
function hasten(tx: Transaction, job: Found): boolean {
  if (job.record.state !== 'scheduled') return false
  const where = keys(tx, job.seq)
  const moved: Mobile = { ...displace(tx, job.seq, job.rank, where)!, dueAt: null }
  if (where.group === null) place(tx, moved)
  else join(tx, moved, where.group)
  return true
}

/** Takes a finished job back among the living. */
function revive(tx: Transaction, job: Found): boolean {
  const { on } = tx
  const { seq, queue, rank, ending, claim, record } = job
  const where = keys(tx, seq)
  if (where.unique !== null) {
    const holder = on.get(uniqueHolder, queue, where.unique)
    if (holder !== undefined && holder[1] !== seq && (holder[2] === 0 || holder[3] > tx.now)) return false
    on.run(retakeUnique, queue, where.unique, seq, record.id, tx.now)
  }
  on.run(dropFinished, seq)
  on.run(dropResult, seq)
  on.run(shrinkEnding, ending)
  // The token that ended the job is still answered `applied`.
  if (claim !== null) on.run(setReturned, seq, claim, record.attempt)
  const { attempt, claimedAt = null } = record
  const moved: Mobile = {
    seq, queue, rank, attempt, claimedAt, flags: job.flags & (UNIQUE | GROUP), failures: 0, crashes: 0, redrives: record.redrives + 1, dueAt: null,
  } // prettier-ignore
  if (where.group === null) place(tx, moved)
  else join(tx, moved, where.group)
  return true
}

/** Drops jobs that are not active, as if they had never been. */
class Removal {
  readonly #tx: Transaction
  /** The ids of finished jobs, by their ending: whoever watches may still have to be told of them. */
  readonly #finished = new Map<number, JobId[]>()

  constructor(tx: Transaction) {
    this.#tx = tx
  }

  drop(job: Found): void {
    const { on } = this.#tx
    const { seq, queue, rank, ending, record } = job
    const where = keys(this.#tx, seq)
    if (ending === null) {
      displace(this.#tx, seq, rank, where)
      if (where.group !== null) leave(this.#tx, seq, queue, where.group)
      this.#tx.stirred.add(record.queue)
    } else {
      on.run(dropFinished, seq)
      on.run(dropResult, seq)
      const ids = this.#finished.get(ending)
      if (ids === undefined) this.#finished.set(ending, [record.id])
      else ids.push(record.id)
    }
    if (where.unique !== null) on.run(dropUnique, queue, where.unique, seq)
    on.run(dropNotes, seq)
    on.run(dropReturned, seq)
    on.run(dropJob, seq)
  }

  end(): void {
    const { on } = this.#tx
    for (const [ending, ids] of this.#finished) {
      const before: string | null = on.value(removedOf, ending)
      const removed = before === null ? ids : [...JSON.parse(before), ...ids]
      on.run(removeFromEnding, ending, ids.length, JSON.stringify(removed))
    }
  }
}
