import { rm } from 'node:fs/promises'
import sharp, { type Sharp } from 'sharp'
import { publish, temporary } from './publish.ts'

export interface Box {
  readonly width: number
  readonly height: number
}

/** A thumbnail fits into this, and is never larger than its source. */
const BOX: Box = { width: 480, height: 320 }

/** The three sizes of a picture. */
export const SIZES = {
  large: { width: 1280, height: 960 },
  medium: BOX,
  small: { width: 160, height: 120 },
} as const satisfies Readonly<Record<string, Box>>

export type Size = keyof typeof SIZES

export interface Picture {
  readonly file: string
  readonly width: number
  readonly height: number
  readonly bytes: number
}

/** What is larger is a bomb sooner than a photograph. */
const MOST_PIXELS = 100_000_000

// Many pictures at a time, one thread each, beats one picture on many threads.
sharp.concurrency(1)

/** Makes a WebP thumbnail, upright. Damaged images are refused rather than guessed at. */
export async function makeThumbnail(source: string, target: string, signal: AbortSignal): Promise<Picture> {
  signal.throwIfAborted()
  const draft = temporary(target)
  try {
    const made = await write(fit(open(source), BOX), draft)
    signal.throwIfAborted()
    await publish(draft, target)
    return { ...made, file: target }
  } finally {
    await rm(draft, { force: true })
  }
}

/** Makes a WebP thumbnail of each size, into files that the caller publishes. The source is decoded once: the smaller ones are made from the largest. */
export async function makeThumbnails(
  source: string,
  targets: Readonly<Record<Size, string>>,
  signal: AbortSignal,
): Promise<Readonly<Record<Size, Picture>>> {
  signal.throwIfAborted()
  const { data, info } = await fit(open(source), SIZES.large).raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const largest = (): Sharp => sharp(data, { raw: { width, height, channels } })
  const made: Partial<Record<Size, Picture>> = {}
  for (const size of Object.keys(SIZES) as Size[]) {
    signal.throwIfAborted()
    made[size] = await write(fit(largest(), SIZES[size]), targets[size])
  }
  return made as Readonly<Record<Size, Picture>>
}

function open(source: string): Sharp {
  return sharp(source, { failOn: 'warning', limitInputPixels: MOST_PIXELS }).autoOrient()
}

function fit(image: Sharp, box: Box): Sharp {
  return image.resize({ ...box, fit: 'inside', withoutEnlargement: true })
}

async function write(image: Sharp, file: string): Promise<Picture> {
  const { width, height, size } = await image.webp({ quality: 84 }).toFile(file)
  return { file, width, height, bytes: size }
}
