import type { Ms } from '@jobport/core'
import { isBroker, latestRecovery, LEASE } from '../../plan/setting.ts'
import { lapsesOf } from '../lapses.ts'
import { isTroubled } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

/** How long after the end of its lease a job may take to be claimable. */
const LATEST: Ms = 1_000

export const recovery: PromiseOf = {
  name: 'recovery',
  says: 'A job whose lease ran out is claimed within a second where anybody waits for jobs, and before jobs that are new. With a broker it takes the time of a relay more, and has no such right.',
  check({ setting, ledger, broken }) {
    const sent = isBroker(setting.backend)
    const latest = latestRecovery(setting.backend) - LEASE
    for (const { job, attempt, over, until } of lapsesOf(ledger)) {
      for (const { by, queue, since, at, wait } of ledger.claims) {
        const from = Math.max(over, since)
        const to = Math.min(until, at)
        if (queue !== attempt.queue || wait === 0 || to - from <= latest || isExcused(from - LEASE, to, by)) continue
        const waited = `waited for jobs for ${(to - from).toFixed()} ms`
        broken(`${job.id}: its lease had ended, ${by} ${waited} and did not get it`, job.id)
      }
      if (sent) continue
      for (const { by, queue, since, at, jobs } of ledger.claims) {
        if (queue !== attempt.queue || since < over + LATEST || at >= until || isExcused(since - LEASE, at, by))
          continue
        if (jobs.some((other) => other.attempt === 1))
          broken(`${job.id}: its lease had ended, and ${by} was given jobs that were new`, job.id)
      }
    }

    /** Connections take a moment to come back. */
    function isExcused(from: Ms, to: Ms, process: string): boolean {
      return isTroubled(ledger.troubles, from - 2 * LATEST, to) || isTroubled(ledger.life(process).troubles, from, to)
    }
  },
}
