import { TOMBSTONE, type FinalState, type Ms } from '@jobport/core/adapter'
import { after } from '../limits.ts'
import blank from '../sql/blank.sql'
import forgetNotes from '../sql/forget-notes.sql'
import finishOne from '../sql/finish.sql'
import insertEnding from '../sql/insert-ending.sql'
import { keys, release, type Mobile } from './place.ts'
import type { Transaction } from './transaction.ts'

export const STATE_NUMBERS: Readonly<Record<FinalState, number>> = { completed: 3, dead: 4, cancelled: 5 }

/** Opens the record of jobs that finish together; its number. */
export function open(tx: Transaction, queue: number, to: FinalState, keep: Ms, seqs: readonly number[]): number {
  const { now, on } = tx
  const [keepUntil, goneAt] = [after(now, keep), after(now, Math.max(keep, TOMBSTONE))]
  tx.finished = true
  return on.insert(insertEnding, queue, STATE_NUMBERS[to], now, keepUntil, goneAt, seqs.length, JSON.stringify(seqs))
}

/** Empties jobs whose record is not to be kept at all. */
export function strip(tx: Transaction, seqs: string): void {
  tx.on.run(blank, seqs)
  tx.on.run(forgetNotes, seqs)
}

/** Cancels a job that was taken away from where it waited. */
export function cancelWaiting(tx: Transaction, job: Mobile, keep: Ms): void {
  const ending = open(tx, job.queue, 'cancelled', keep, [job.seq])
  const { seq, flags, attempt, failures, crashes, redrives, claimedAt } = job
  tx.on.run(finishOne, seq, ending, flags, attempt, failures, crashes, redrives, claimedAt)
  release(tx, seq, keys(tx, seq))
  if (keep === 0) strip(tx, `[${seq}]`)
}

