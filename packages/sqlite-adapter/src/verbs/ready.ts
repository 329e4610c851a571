import type { Row } from '../connection/connection.ts'
import addRunSql from '../sql/add-run.sql'
import dropRun from '../sql/drop-run.sql'
import dropRuns from '../sql/drop-runs.sql'
import runsSql from '../sql/runs.sql'
import runWith from '../sql/run-with.sql'
import type { Traits } from './traits.ts'
import type { Transaction } from './transaction.ts'

/** Jobs with successive numbers that are due, in one queue and with one priority. */
export interface Run extends Traits {
  readonly rank: number
  readonly first: number
  readonly last: number
}

export function addRun(tx: Transaction, queue: number, run: Run): void {
  const { rank, first, last, flags, attempt, failures, crashes, redrives, claimedAt } = run
  tx.on.run(addRunSql, queue, rank, first, last, flags, attempt, failures, crashes, redrives, claimedAt)
}

/** Takes up to `limit` jobs from the front of the line. The last run is cut when it has more. */
export function takeFront(tx: Transaction, queue: number, limit: number): Run[] {
  const runs: Run[] = []
  let left = limit
  let end: Run | undefined
  for (let page = 2; left > 0; page = Math.min(limit, page * 8)) {
    const rows = tx.on.all(runsSql, queue, end?.rank ?? -Infinity, end?.first ?? 0, page)
    for (const row of rows) {
      if (left <= 0) break
      end = toRun(row)
      const last = Math.min(end.last, end.first + left - 1)
      runs.push(last === end.last ? end : { ...end, last })
      left -= last - end.first + 1
    }
    if (rows.length < page) break
  }
  if (end === undefined) return runs
  tx.on.run(dropRuns, queue, end.rank, end.first)
  const rest = runs.at(-1)!.last + 1
  if (rest <= end.last) addRun(tx, queue, { ...end, first: rest })
  return runs
}

/** Takes one job out of the line; `undefined` when it is not there. */
export function takeReady(tx: Transaction, queue: number, rank: number, seq: number): Traits | undefined {
  const row = tx.on.get(runWith, queue, rank, seq)
  const run = row && toRun(row)
  if (run === undefined || run.last < seq) return undefined
  tx.on.run(dropRun, queue, rank, run.first)
  if (run.first < seq) addRun(tx, queue, { ...run, last: seq - 1 })
  if (run.last > seq) addRun(tx, queue, { ...run, first: seq + 1 })
  return run
}

function toRun(row: Row): Run {
  const [rank, first, last, flags, attempt, failures, crashes, redrives, claimedAt] = row
  return { rank, first, last, flags, attempt, failures, crashes, redrives, claimedAt }
}
