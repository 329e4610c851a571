import { isFinal } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

export const claims: PromiseOf = {
  name: 'claims',
  says: 'A job is in one hand at a time; attempts, failures and crashes are counted right, and never backwards.',
  watch({ ledger, broken }) {
    return {
      see(event) {
        if (event.type !== 'claim') return
        const { at, id, by, queue, attempt, failures, crashes } = event
        const job = ledger.jobs.get(id)
        if (job === undefined) return
        const claim = ledger.holding(job)
        const concerned = { jobs: [id], processes: claim === undefined ? [by] : [claim.by, by] }
        if (isFinal(job)) broken(`${id} was ${job.state} and was claimed`, concerned)
        if (claim !== undefined && at < claim.until) {
          broken(
            `${id} was claimed by ${by} while ${claim.by} had its lease for another ${claim.until - at} ms`,
            concerned,
          )
        }
        if (ledger.paused.has(queue)) broken(`${id} was claimed while its queue was paused`, concerned)
        const expected = `${job.attempt + 1} ${job.failures} ${job.crashes + ledger.blame(job)}`
        const told = `${attempt} ${failures} ${crashes}`
        if (told !== expected)
          broken(`${id} was claimed with attempt, failures and crashes ${told} instead of ${expected}`, concerned)
      },
    }
  },
}
