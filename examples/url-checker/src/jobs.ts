import { defineJob, exponential } from '@jobport/core'
import { z } from 'zod'

export const CHECKS_QUEUE = 'url-checks'

/** One URL to check. What comes out of it is not the job's result but a row of its own, which is kept for longer and read in other ways. */
export const urlCheck = defineJob('url.check', {
  input: z.object({ url: z.url() }),
  queue: CHECKS_QUEUE,
  // More than a site is asked again: the rest is for trouble of ours, such as a database that is away.
  retry: { retries: 8, backoff: exponential({ initial: '1s', max: '1m' }) },
  // A check has a shorter limit of its own; this one is for what hangs in spite of it.
  timeout: '3m',
  notify: [{ on: 'dead', to: { channel: 'checks' }, input: true }],
})
