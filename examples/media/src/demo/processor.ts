import { createWorker, handle, type Backend, type Worker } from '@jobport/core'
import { encode, poster, posterId, thumbnail } from './jobs.ts'
import { makeThumbnail } from '../media/thumbnail.ts'
import { encodeVideo, makePoster } from '../media/video.ts'

export interface ProcessorOptions {
  readonly concurrency: number
  /** Path of the program. Without it, videos stay on their queue for a processor that has one. */
  readonly ffmpeg: string | undefined
}

/** How long a job of a killed process waits before it goes on elsewhere. Short, because whoever tries this out is watching. */
export const LEASE = '3s'
/** Whoever kills this program again and again does so on purpose; its jobs are not to blame. */
export const MAX_CRASHES = 100

/** The worker that makes thumbnails and, where it can, videos. */
export function createProcessor(backend: Backend, { concurrency, ffmpeg }: ProcessorOptions): Worker {
  const images = [handle(thumbnail, ({ source, target }, { signal }) => makeThumbnail(source, target, signal))]
  const options = { concurrency, lease: LEASE, maxCrashes: MAX_CRASHES } as const
  return createWorker(backend, ffmpeg === undefined ? images : [...images, ...videoHandlers(ffmpeg)], options)
}

function videoHandlers(ffmpeg: string): readonly ReturnType<typeof handle>[] {
  return [
    handle(encode, async ({ source, target, poster: picture }, { signal, job, progress, followUp }) => {
      const video = await encodeVideo(ffmpeg, source, target, { signal, onProgress: progress })
      const middle = { video: target, second: video.seconds / 2, target: picture }
      followUp(poster, middle, { id: posterId(job.id) })
      return video
    }),
    handle(poster, ({ video, second, target }, { signal }) => makePoster(ffmpeg, video, second, target, signal)),
  ]
}
