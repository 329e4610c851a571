import { defineJob, exponential } from '@jobport/core'
import { z } from 'zod'

/** What every job of this service has in common, and the only thing that producer and processor share. */
const common = {
  // Six tries in about a second and a half: long enough for an upload that is still on its way in a demonstration.
  retry: { retries: 5, backoff: exponential({ initial: '50ms', max: '1s' }) },
  // A run that was interrupted can be continued for so long, knowing what is done.
  keep: '30d',
  notify: [
    { on: 'dead', to: { role: 'admins' } },
    { on: 'finished', to: (job) => ({ user: job.headers.user ?? 'unknown' }) },
  ],
} satisfies Partial<Parameters<typeof defineJob>[1]>

const picture = z.object({ file: z.string(), width: z.int(), height: z.int(), bytes: z.int() })

export const thumbnail = defineJob('media.thumbnail', {
  ...common,
  input: z.object({ source: z.string(), target: z.string() }),
  output: picture,
  queue: 'images',
  timeout: '30s',
})

/** Its completion is followed by `poster`. */
export const encode = defineJob('media.encode', {
  ...common,
  input: z.object({ source: z.string(), target: z.string(), poster: z.string() }),
  output: z.object({ file: z.string(), seconds: z.number(), bytes: z.int() }),
  queue: 'videos',
  timeout: '10m',
})

export const poster = defineJob('media.poster', {
  ...common,
  input: z.object({ video: z.string(), second: z.number(), target: z.string() }),
  output: picture,
  queue: 'videos',
  timeout: '1m',
})

export const QUEUES = [thumbnail.queue, encode.queue] as const

/** The id of the job that makes a video's poster frame. */
export function posterId(videoId: string): string {
  return `${videoId}.poster`
}

/** Facts that travel with a job: whose it is, and what that person calls it. */
export interface Headers extends Record<string, string> {
  readonly user: string
  readonly name: string
}
