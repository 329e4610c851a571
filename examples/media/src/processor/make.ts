import { rm } from 'node:fs/promises'
import { MediaError } from '../items/item.ts'
import type { Made } from '../items/jobs.ts'
import type { Progress } from '../media/ffmpeg.ts'
import type { MediaType } from '../media/recognise.ts'
import { makeThumbnails, SIZES, type Picture, type Size } from '../media/thumbnail.ts'
import { encodeVideo, makePoster } from '../media/video.ts'
import type { Storage } from '../storage/storage.ts'

export interface Workshop {
  readonly storage: Storage
  /** Path of the program. */
  readonly ffmpeg: string
  /** Of ffmpeg, for one video. */
  readonly threads: number
}

export interface Order {
  /** The item's id, and so the folder of what is made. */
  readonly item: string
  /** A file of this machine. */
  readonly source: string
  readonly type: MediaType
}

type ImageMade = Extract<Made, { kind: 'image' }>
type VideoMade = Extract<Made, { kind: 'video' }>

const SIZE_NAMES = Object.keys(SIZES) as Size[]

/** Three thumbnails of an image. To make them again gives the same. */
export async function makeOfImage(
  { storage }: Workshop,
  { item, source }: Order,
  signal: AbortSignal,
): Promise<ImageMade> {
  const drafts = { large: storage.draft(), medium: storage.draft(), small: storage.draft() }
  return cleaning(Object.values(drafts), async () => {
    const made = await said('the image cannot be read', signal, () => makeThumbnails(source, drafts, signal))
    await storage.store(Object.fromEntries(SIZE_NAMES.map((size) => [`${item}/${size}.webp`, drafts[size]])))
    const named = (size: Size): Picture => ({ ...made[size], file: `${size}.webp` })
    return { kind: 'image', thumbnails: { large: named('large'), medium: named('medium'), small: named('small') } }
  })
}

/** The video as browsers play it, and a poster frame from its middle. */
export async function makeOfVideo(
  { storage, ffmpeg, threads }: Workshop,
  { item, source, type: { demuxer } }: Order,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<VideoMade> {
  const drafts = { video: storage.draft(), poster: storage.draft() }
  return cleaning(Object.values(drafts), async () => {
    const [video, poster] = await said('the video cannot be read', signal, async () => {
      const options = { signal, onProgress, threads, ...(demuxer !== undefined && { demuxer }) }
      const encoded = await encodeVideo(ffmpeg, source, drafts.video, options)
      return [encoded, await makePoster(ffmpeg, drafts.video, encoded.seconds / 2, drafts.poster, signal)] as const
    })
    await storage.store({ [`${item}/video.mp4`]: drafts.video, [`${item}/poster.webp`]: drafts.poster })
    return { kind: 'video', video: { ...video, file: 'video.mp4' }, poster: { ...poster, file: 'poster.webp' } }
  })
}

/** What a decoder complains about is the file's, and its user may hear that much. The details, which can name paths, are for the log. */
async function said<Result>(what: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    throw new MediaError(what, { cause: error })
  }
}

async function cleaning<Result>(drafts: readonly string[], work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } finally {
    await Promise.all(drafts.map((draft) => rm(draft, { force: true })))
  }
}
