import { z } from 'zod'
import { report } from '../report/report.ts'

/** A completed check, as it is stored and shown. */
export const check = report.extend({
  id: z.string().describe('of the job'),
  url: z.string(),
  submittedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
})

export type Check = z.infer<typeof check>
