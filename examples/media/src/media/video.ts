import { rm, stat } from 'node:fs/promises'
import { runFfmpeg, type FfmpegRun } from './ffmpeg.ts'
import { publish, temporary } from './publish.ts'
import { makeThumbnail, type Picture } from './thumbnail.ts'

export interface Video {
  readonly file: string
  readonly seconds: number
  readonly bytes: number
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

export async function encodeVideo(ffmpeg: string, source: string, target: string, run: FfmpegRun): Promise<Video> {
  const draft = temporary(target)
  try {
    const seconds = await runFfmpeg(ffmpeg, ['-i', source, ...FORMAT, draft], run)
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
