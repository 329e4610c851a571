import type { JobRecord } from '@jobport/core'
import type { Http } from '@jobport/example-service'
import { z } from 'zod'
import type { ChecksQueue } from '../backend.ts'
import { PENDING_STATES, pendingCheck, type PendingCheck } from '../checks/pending-check.ts'
import { CHECKS_QUEUE } from '../jobs.ts'

/** Of each state. */
const MOST_SHOWN = 20

const answer = z.object({
  jobs: z.array(pendingCheck),
  total: z.int().describe(`all there are; of each state, ${MOST_SHOWN} are shown`),
})

/** `GET /get_pending_jobs`: what is submitted and not completed. */
export function getPendingJobs(app: Http, queue: ChecksQueue): void {
  const schema = { summary: 'The checks that are not completed, the oldest of each state', response: { 200: answer } }
  app.get('/get_pending_jobs', { schema }, async () => {
    const [counts, ...pages] = await Promise.all([
      queue.inspect.counts(CHECKS_QUEUE),
      ...PENDING_STATES.map((state) => queue.inspect.list({ queue: CHECKS_QUEUE, state, limit: MOST_SHOWN })),
    ])
    const jobs = pages.flatMap((page, index) => page.jobs.map((record) => toPending(record, PENDING_STATES[index]!)))
    return { jobs, total: counts.active + counts.waiting + counts.scheduled }
  })
}

function toPending(record: JobRecord, state: PendingCheck['state']): PendingCheck {
  const { id, payload, enqueuedAt, attempt, errors } = record
  const { url } = JSON.parse(payload) as { readonly url: string }
  const error = errors.at(-1)
  return {
    id,
    url,
    state,
    submittedAt: new Date(enqueuedAt).toISOString(),
    attempt,
    error: error === undefined ? null : (JSON.parse(error) as { readonly message: string }).message,
  }
}
