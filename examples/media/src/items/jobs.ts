import { defineJob, exponential } from '@jobport/core'
import { z } from 'zod'
import { SIZES, type Size } from '../media/thumbnail.ts'

/** How long results can be read. */
export const KEEP_DAYS = 7

/** What every item's job has in common, and with the files the only thing that producer and processor share. */
const common = {
  // Six tries within some 15 seconds: what passes by itself has mostly passed by then, and whoever waits at the page still does.
  retry: { retries: 5, backoff: exponential({ initial: '500ms', max: '30s' }) },
  keep: `${KEEP_DAYS}d`,
  notify: [
    { on: 'dead', to: { role: 'admins' } },
    {
      on: 'finished',
      to: ({ headers: { user = 'unknown', email } }) => ({ user, ...(email !== undefined && { email }) }),
    },
  ],
} satisfies Partial<Parameters<typeof defineJob>[1]>

const picture = z.object({ file: z.string(), width: z.int(), height: z.int(), bytes: z.int() })

const images = z.object({
  kind: z.literal('image'),
  thumbnails: z.object({ large: picture, medium: picture, small: picture } satisfies Record<Size, typeof picture>),
})
const videos = z.object({
  kind: z.literal('video'),
  video: z.object({ file: z.string(), seconds: z.number(), bytes: z.int() }),
  poster: picture,
})

/** What was made of an item. Files are named without their folder, which is the item's id. */
export const madeSchema = z.discriminatedUnion('kind', [images, videos])
export type Made = z.output<typeof madeSchema>

export const imageJob = defineJob('media.image', {
  ...common,
  input: z.object({ original: z.string() }),
  output: images,
  queue: 'images',
  timeout: '1m',
})

export const videoJob = defineJob('media.video', {
  ...common,
  input: z.object({ original: z.string() }),
  output: videos,
  queue: 'videos',
  timeout: '30m',
})

/** Fetches a file and does with it what its content asks for. */
export const linkJob = defineJob('media.link', {
  ...common,
  input: z.object({ url: z.string() }),
  // A link can hold a signature.
  secret: ['url'],
  output: madeSchema,
  queue: 'links',
  timeout: '30m',
})

/** Takes an item's files away. It is there before the first file is, so that none outlives its item. */
export const expireJob = defineJob('media.expire', {
  input: z.object({ item: z.string() }),
  queue: 'upkeep',
  keep: { completed: '1m' },
})

/** A day later than the record of the slowest item. */
export const EXPIRES = `${KEEP_DAYS + 1}d`

/** What can be handed in, by the kind that its id begins with. */
export const ITEM_JOBS = { image: imageJob, video: videoJob, link: linkJob } as const
export type ItemKind = keyof typeof ITEM_JOBS

export const ITEM_QUEUES: readonly string[] = Object.values(ITEM_JOBS).map(({ queue }) => queue)

/** Facts that travel with an item. */
export interface Headers extends Record<string, string> {
  readonly user: string
  /** What the user calls the file. */
  readonly name: string
  /** The application that handed it in. */
  readonly application: string
}

/** Where the file lies that was handed in. What it is, its content says. */
export function originalOf(id: string): string {
  return `${id}/original.bin`
}

/** Names of the files that are made. */
export const FILES = [...Object.keys(SIZES).map((size) => `${size}.webp`), 'poster.webp', 'video.mp4'] as const
