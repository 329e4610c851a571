import dropEnding from '../sql/drop-ending.sql'
import dropReleasedUniques from '../sql/drop-released-uniques.sql'
import ended from '../sql/ended.sql'
import extrasSql from '../sql/extras.sql'
import firstGarbage from '../sql/first-garbage.sql'
import forgetFinished from '../sql/forget-finished.sql'
import forgetJobs from '../sql/forget-jobs.sql'
import forgetNotes from '../sql/forget-notes.sql'
import forgetResults from '../sql/forget-results.sql'
import forgetReturned from '../sql/forget-returned.sql'
import garbage from '../sql/garbage.sql'
import type { Transaction } from './transaction.ts'

/** Batches of finished jobs that leave in one call. A call adds about one, so the file stays as large as what is kept. */
const BATCHES = 2

/** How long keys without a job may outstay their time. */
const PAUSE = 1_000

/** Drops some of what nobody needs to know any more. Answers when there may be more. */
export function clean(tx: Transaction): number {
  const { on, now } = tx
  const batches = on.all(garbage, now, BATCHES)
  if (batches.length > 0) {
    const [results, notes, returned] = on.get(extrasSql)!
    for (const [no, all] of batches) {
      const seqs = JSON.stringify(on.all(ended, all, no).map(([seq]) => seq))
      on.run(forgetJobs, seqs)
      on.run(forgetFinished, seqs)
      if (results === 1) on.run(forgetResults, seqs)
      if (notes === 1) on.run(forgetNotes, seqs)
      if (returned === 1) on.run(forgetReturned, seqs)
      on.run(dropEnding, no)
    }
  }
  on.run(dropReleasedUniques, now)
  return Math.min(on.value(firstGarbage) ?? Infinity, now + PAUSE)
}
