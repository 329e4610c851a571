import { z } from 'zod'

/** The states of a job that is not finished, in the order in which they are shown. */
export const PENDING_STATES = ['active', 'waiting', 'scheduled'] as const

/** A check that is submitted and not completed. */
export const pendingCheck = z.object({
  id: z.string().describe('of the job'),
  url: z.string(),
  state: z.enum(PENDING_STATES).describe('scheduled: the site did not answer, and is asked again later'),
  submittedAt: z.iso.datetime(),
  attempt: z.int().describe('0: none yet'),
  error: z.string().nullable().describe('why it did not answer the last time'),
})

export type PendingCheck = z.infer<typeof pendingCheck>
