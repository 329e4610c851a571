import { rm } from 'node:fs/promises'
import sharp from 'sharp'
import { publish, temporary } from './publish.ts'

/** A thumbnail fits into this, and is never larger than its source. */
const BOX = { width: 480, height: 320 }

export interface Picture {
  readonly file: string
  readonly width: number
  readonly height: number
  readonly bytes: number
}

// Many pictures at a time, one thread each, beats one picture on many threads.
sharp.concurrency(1)

/** Makes a WebP thumbnail, upright. Damaged images are refused rather than guessed at. */
export async function makeThumbnail(source: string, target: string, signal: AbortSignal): Promise<Picture> {
  signal.throwIfAborted()
  const draft = temporary(target)
  try {
    const { width, height, size } = await sharp(source, { failOn: 'warning' })
      .autoOrient()
      .resize({ ...BOX, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 84 })
      .toFile(draft)
    signal.throwIfAborted()
    await publish(draft, target)
    return { file: target, width, height, bytes: size }
  } finally {
    await rm(draft, { force: true })
  }
}
