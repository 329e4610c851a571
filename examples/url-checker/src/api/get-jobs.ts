import type { Http } from '@jobport/example-service'
import { z } from 'zod'
import { check } from '../checks/check.ts'
import type { Checks } from '../checks/checks.ts'
import { report } from '../report/report.ts'

const querystring = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z
    .string()
    .regex(/^\d{1,18}$/, 'is not the next of a page')
    .optional()
    .describe('the next of the page before'),
  outcome: report.shape.outcome.optional(),
})

const answer = z.object({
  jobs: z.array(check),
  next: z.string().nullable().describe('for after; null on the last page'),
  total: z.int().describe('of all pages'),
})

/** `GET /get_jobs`: the completed checks, the newest first. */
export function getJobs(app: Http, checks: Checks): void {
  const schema = {
    summary: 'The completed checks, the newest first',
    description:
      'A page begins after the last check of the page before it, so checks that come meanwhile shift nothing.',
    querystring,
    response: { 200: answer },
  }
  app.get('/get_jobs', { schema }, async ({ query }) => {
    const { checks: jobs, next, total } = await checks.page(query)
    return { jobs, next, total }
  })
}
