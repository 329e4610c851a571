import type { JobRecord } from '@jobport/core'
import type { Http } from '@jobport/example-service'
import { z } from 'zod'
import type { ChecksQueue } from '../backend.ts'
import { CHECKS_QUEUE } from '../jobs.ts'

const STATES = ['active', 'waiting', 'scheduled'] as const
/** Of each state. */
const MOST_SHOWN = 20

const pendingJob = z.object({
  id: z.string(),
  url: z.string(),
  state: z.enum(STATES).describe('scheduled: the site did not answer, and is asked again later'),
  submittedAt: z.iso.datetime(),
  attempt: z.int().describe('0: none yet'),
  error: z.string().nullable().describe('why it did not answer the last time'),
})

const answer = z.object({
  jobs: z.array(pendingJob),
  total: z.int().describe(`all there are; of each state, ${MOST_SHOWN} are shown`),
})

export type PendingJob = z.infer<typeof pendingJob>

/** `GET /get_pending_jobs`: what is submitted and not completed. */
export function getPendingJobs(app: Http, queue: ChecksQueue): void {
  const schema = { summary: 'The checks that are not completed, the oldest of each state', response: { 200: answer } }
  app.get('/get_pending_jobs', { schema }, async () => {
    const pages = await Promise.all(
      STATES.map((state) => queue.inspect.list({ queue: CHECKS_QUEUE, state, limit: MOST_SHOWN })),
    )
    const counts = await queue.inspect.counts(CHECKS_QUEUE)
    const jobs = pages.flatMap((page, index) => page.jobs.map((record) => toPending(record, STATES[index]!)))
    return { jobs, total: counts.active + counts.waiting + counts.scheduled }
  })
}

function toPending({ id, payload, enqueuedAt, attempt, errors }: JobRecord, state: PendingJob['state']): PendingJob {
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
