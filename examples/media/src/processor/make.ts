import { rm } from 'node:fs/promises'
import { MediaError } from '../items/item.ts'
import type { Made } from '../items/jobs.ts'
import type { Progress } from '../media/ffmpeg.ts'
import type { MediaType } from '../media/recognise.ts'
import { makeThumbnails, type Picture, type Size } from '../media/thumbnail.ts'
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

/** Three thumbnails of an image. To make them again gives the same. */
export async function makeOfImage(
  { storage }: Workshop,
  { item, source }: Order,
  signal: AbortSignal,
): Promise<ImageMade> {
  const drafts = { large: storage.draft(), medium: storage.draft(), small: storage.draft() }
  return cleaning(Object.values(drafts), async () => {
    const made = await said('the image cannot be read', signal, () => makeThumbnails(source, drafts, signal))
    const store = (size: Size): Promise<Picture> => storeAs(storage, item, `${size}.webp`, made[size])
    const [large, medium, small] = await Promise.all([store('large'), store('medium'), store('small')])
    return { kind: 'image', thumbnails: { large, medium, small } }
  })
}

/** The video as browsers play it, and a poster frame from its middle. */
export async function makeOfVideo(
  { storage, ffmpeg, threads }: Workshop,
  { item, source, type: { demuxer } }: Order,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<VideoMade> {
  const drafts = [storage.draft(), storage.draft()] as const
  return cleaning(drafts, async () => {
    const [encoded, frame] = await said('the video cannot be read', signal, async () => {
      const options = { signal, onProgress, threads, ...(demuxer !== undefined && { demuxer }) }
      const encoded = await encodeVideo(ffmpeg, source, drafts[0], options)
      return [encoded, await makePoster(ffmpeg, drafts[0], encoded.seconds / 2, drafts[1], signal)] as const
    })
    const poster = await storeAs(storage, item, 'poster.webp', frame)
    const video = await storeAs(storage, item, 'video.mp4', encoded)
    return { kind: 'video', video, poster }
  })
}

async function storeAs<Made extends { readonly file: string }>(
  storage: Storage,
  item: string,
  name: string,
  made: Made,
): Promise<Made> {
  await storage.store(made.file, `${item}/${name}`)
  return { ...made, file: name }
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
