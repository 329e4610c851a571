import type { Channel } from '@jobport/notifier'
import type { Checks } from '../checks/checks.ts'
import type { Report } from '../report/report.ts'

/** What the page tells of a check that has no outcome: why is in the job's record, for operators. */
const gaveUp: Report = {
  outcome: 'failed',
  status: null,
  ms: 0,
  hops: [],
  title: null,
  certificate: null,
  error: { code: 'gave-up', message: 'the check could not be made' },
}

/**
 * Stores that a job is dead, so that whoever submitted the URL does not wait for ever. It is told as a notification: that is stored in the same write as the death, and delivered
 * until it succeeds.
 */
export function deadChecks(checks: Checks, keepDays: number): Channel {
  return {
    async deliver({ notification: { job, input } }) {
      const { url } = input as { readonly url: string }
      await checks.add({ id: job.id, url, submittedAt: new Date(job.enqueuedAt), report: gaveUp }, keepDays)
    },
  }
}
