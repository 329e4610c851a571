import type { Ms } from '@jobport/core'
import { LEASE } from '../plan/setting.ts'
import { type Attempt, isTroubled, type Job, type Ledger, verdictOn } from './ledger.ts'

/** A claim whose lease ran out. */
export interface Lapse {
  readonly job: Job
  readonly attempt: Attempt
  /** When its holder was stopped or killed. */
  readonly befell: Ms | undefined
  /** The lease was over then, at the latest. */
  readonly over: Ms
  /** Until then, certainly, it was not handed out again. */
  readonly until: Ms
}

/** The claims that ended without a word, as far as both they and the next ones are on record. */
export function lapsesOf(ledger: Ledger): readonly Lapse[] {
  return [...ledger.jobs.values()].flatMap((job) =>
    job.attempts.flatMap((attempt) => {
      const next = job.attempts.find((other) => other.attempt === attempt.attempt + 1)
      const { settlement } = attempt
      // Where nobody knows what became of a settlement, it may have given the job back.
      if (next === undefined || (settlement !== undefined && verdictOn(attempt) !== 'lost')) return []
      // Who was stopped while it claimed has read the answer long after it was given.
      const isLate = isTroubled(ledger.life(next.by).troubles, next.since, next.at)
      const befell = ledger.life(attempt.by).troubles.find(({ from, to }) => from < next.at && to > attempt.at)?.from
      // An extension that nobody lived to hear of may have been the last.
      const over = Math.max(attempt.grant.at, befell ?? -Infinity) + LEASE
      return [{ job, attempt, befell, over, until: isLate ? next.since : next.at }]
    }),
  )
}
