import { handle, type Handler } from '@jobport/core'
import type { AddressGuard } from '@jobport/notifier'
import { checkUrl } from '../check/check-url.ts'
import type { Checks } from '../checks/checks.ts'
import { urlCheck } from '../jobs.ts'
import type { Report } from '../report/report.ts'

export interface CheckHandlerOptions {
  readonly checks: Checks
  readonly guard: AddressGuard
  /** For one check, in milliseconds. */
  readonly timeout: number
  /** How often a site that does not answer is asked again. */
  readonly siteRetries: number
  readonly keepDays: number
  /** Told of each check that is stored. */
  readonly onChecked: (report: Report) => void
}

/** The site did not answer, and may do so later: the job is retried. */
class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
}

/** Checks a URL and stores what it finds. A job that runs once more, because its worker died, finds its row there and leaves it. */
export function checkHandler(options: CheckHandlerOptions): Handler {
  const { checks, guard, timeout, siteRetries, keepDays, onChecked } = options
  return handle(urlCheck, async ({ url }, { job, signal }) => {
    const { report, isPassing } = await checkUrl(url, { guard, timeout, signal })
    if (isPassing && job.failures < siteRetries) throw new NoAnswerError(report.error?.message)
    await checks.add({ id: job.id, url, submittedAt: new Date(job.enqueuedAt), report }, keepDays)
    onChecked(report)
  })
}
