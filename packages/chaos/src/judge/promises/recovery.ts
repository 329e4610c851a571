import type { Ms } from '@jobport/core'
import { isBroker, LATEST, latestRecovery, LEASE } from '../../plan/setting.ts'
import { fallsAfter } from '../falls.ts'
import { lapsesOf } from '../lapses.ts'
import { isTroubled } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'
import { lengthOf } from '../spans.ts'

/** Connections take a moment to come back. */
const RETURN: Ms = LEASE + 2 * LATEST

export const recovery: PromiseOf = {
  name: 'recovery',
  says: 'A job whose lease ran out is claimed within a second where anybody waits for jobs, and before jobs that are new. With a broker it takes the time of a relay more, the time of a grace where its relay falls, and has no such right.',
  check({ setting, ledger, broken }) {
    const sent = isBroker(setting.backend)
    const latest = latestRecovery(setting.backend) - LEASE
    const away = ledger.troubles.map(({ from, to }) => ({ from, to: to + RETURN }))
    for (const lapse of lapsesOf(ledger)) {
      const { job, attempt, over, until } = lapse
      const claims = ledger.claims.filter(
        ({ queue, since, at }) => queue === attempt.queue && at > over && since < until,
      )
      const waits = claims
        .filter(({ by, since, at, wait }) => wait > 0 && !isTroubled(ledger.life(by).troubles, since, at))
        .map(({ since, at }) => ({ from: Math.max(over, since), to: Math.min(until, at) }))
      const waited = lengthOf(waits, sent ? [...away, ...fallsAfter(lapse, ledger)] : away)
      if (waited > latest)
        broken(
          `${job.id}: its lease had ended, jobs were waited for during ${waited.toFixed()} ms, and it did not come`,
          job.id,
        )
      if (sent) continue
      for (const { by, since, at, jobs } of claims) {
        if (since < over + LATEST || at >= until || isExcused(since, at, by)) continue
        if (jobs.some((other) => other.attempt === 1))
          broken(`${job.id}: its lease had ended, and ${by} was given jobs that were new`, job.id)
      }
    }

    function isExcused(from: Ms, to: Ms, process: string): boolean {
      return isTroubled(away, from, to) || isTroubled(ledger.life(process).troubles, from - LEASE, to)
    }
  },
}
