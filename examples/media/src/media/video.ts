import { rm, stat } from 'node:fs/promises'
import { runFfmpeg, type FfmpegRun } from './ffmpeg.ts'
import { publish, temporary } from './publish.ts'
import { makeThumbnail, type Picture } from './thumbnail.ts'

export interface Video {
  readonly file: string
  readonly seconds: number
  readonly bytes: number
}

export interface EncodeOptions extends FfmpegRun {
  /** How ffmpeg calls the container of the source. Say it where the source is a stranger's: other formats can refer to files and addresses. */
  readonly demuxer?: string
  /** Threads of the encoder. Default: as many as there are cores. */
  readonly threads?: number
}

/** H.264 with even sides, at most 1280 wide, and AAC where there is sound: what every browser plays. */
const FORMAT = [
  ['-map', '0:v:0', '-map', '0:a:0?'],
  [
    '-vf',
    "scale='trunc(min(1280,iw)/2)*2':-2",
    '-c:v',
    'libx264',
    '-preset',
    'slow',
    '-crf',
    '23',
    '-pix_fmt',
    'yuv420p',
  ],
  ['-c:a', 'aac', '-movflags', '+faststart', '-f', 'mp4'],
].flat()

export async function encodeVideo(
  ffmpeg: string,
  source: string,
  target: string,
  { demuxer, threads, ...run }: EncodeOptions,
): Promise<Video> {
  const draft = temporary(target)
  const input = [...(demuxer === undefined ? [] : ['-protocol_whitelist', 'file', '-f', demuxer]), '-i', source]
  const limit = threads === undefined ? [] : ['-threads', String(threads), '-filter_threads', String(threads)]
  try {
    const seconds = await runFfmpeg(ffmpeg, [...input, ...FORMAT, ...limit, draft], run)
    const { size } = await stat(draft)
    await publish(draft, target)
    return { file: target, seconds, bytes: size }
  } finally {
    await rm(draft, { force: true })
  }
}

/** A thumbnail of the frame at `second`. */
export async function makePoster(
  ffmpeg: string,
  video: string,
  second: number,
  target: string,
  signal: AbortSignal,
): Promise<Picture> {
  const frame = temporary(`${target}.png`)
  try {
    await runFfmpeg(
      ffmpeg,
      ['-ss', second.toFixed(3), '-i', video, '-frames:v', '1', '-c:v', 'png', '-f', 'image2', frame],
      { signal },
    )
    return await makeThumbnail(frame, target, signal)
  } finally {
    await rm(frame, { force: true })
  }
}
