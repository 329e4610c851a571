import { TOMBSTONE, type FinalState, type Ms } from '@jobport/core/adapter'
import { after } from '../limits.ts'
import blank from '../sql/blank.sql'
import forgetNotes from '../sql/forget-notes.sql'
import insertEnding from '../sql/insert-ending.sql'
import insertFinished from '../sql/insert-finished.sql'
import { keys, release, type Mobile } from './place.ts'
import type { Traits } from './traits.ts'
import type { Transaction } from './transaction.ts'

export const STATE_NUMBERS: Readonly<Record<FinalState, number>> = { completed: 3, dead: 4, cancelled: 5 }

/** Jobs that finish together. */
export interface Ending {
  readonly queue: number
  readonly to: FinalState
  readonly keep: Ms
  /** The claim that ends them; `null` when they were cancelled while they waited. */
  readonly claim: string | null
  readonly traits: Traits
  readonly seqs: readonly number[]
}

/** Writes down that jobs have finished, which stand nowhere any more. */
export function finish(tx: Transaction, { queue, to, keep, claim, traits, seqs }: Ending): void {
  const { now, on } = tx
  const { attempt, flags, failures, crashes, redrives, claimedAt } = traits
  const list = JSON.stringify(seqs)
  const ending = on.insert(
    insertEnding,
    queue, STATE_NUMBERS[to], now, after(now, keep), after(now, Math.max(keep, TOMBSTONE)),
    claim, attempt, flags, failures, crashes, redrives, claimedAt, seqs.length, list,
  ) // prettier-ignore
  on.run(insertFinished, list, ending)
  if (keep === 0) {
    // What was not to be kept is gone at once; the id stays.
    on.run(blank, list)
    on.run(forgetNotes, list)
  }
  tx.finished = true
}

/** Cancels a job that was taken away from where it waited. */
export function cancelWaiting(tx: Transaction, job: Mobile, keep: Ms): void {
  const { seq, queue } = job
  finish(tx, { queue, to: 'cancelled', keep, claim: null, traits: job, seqs: [seq] })
  release(tx, seq, keys(tx, seq))
}
