import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { publish, removeDrafts, temporary } from '../media/publish.ts'
import { writeClip } from './clip.ts'
import { DRAWINGS, type Canvas } from './drawings.ts'
import { FIELDS, paint } from './fields.ts'
import { PALETTES } from './palette.ts'
import { randomOf } from './random.ts'

/** The image that cannot be read: the first third of a JPEG, as an upload leaves it that broke off. */
export const DAMAGED = '19-damaged.jpg'
/** The video. It is there for machines with ffmpeg. */
export const CLIP = 'lights.y4m'

const COUNT = 36
const SCENES = [...Object.keys(DRAWINGS), ...Object.keys(FIELDS)]
const FORMATS = ['jpeg', 'png', 'webp'] as const
const SIZES = [
  [1200, 800],
  [800, 1200],
  [1280, 720],
  [1000, 1000],
  [960, 1280],
  [1440, 900],
  [720, 720],
  [1500, 680],
] as const

/** Writes what is missing of the sample images and the clip; they are the same every time. */
export async function writeSamples(folder: string, which: 'all' | 'clip', signal: AbortSignal): Promise<void> {
  await mkdir(folder, { recursive: true })
  const wanted = which === 'all' ? [...images(), CLIP_SAMPLE] : [CLIP_SAMPLE]
  await removeDrafts(folder, 60_000)
  const missing = wanted.filter(({ name }) => !existsSync(join(folder, name)))
  const queue = missing.values()
  const draw = async (): Promise<void> => {
    for (const { name, write } of queue) {
      signal.throwIfAborted()
      const file = join(folder, name)
      const draft = temporary(file)
      await write(draft)
      await publish(draft, file)
    }
  }
  await Promise.all([draw(), draw()])
}

interface Sample {
  readonly name: string
  readonly write: (file: string) => Promise<unknown>
}

const CLIP_SAMPLE: Sample = { name: CLIP, write: writeClip }

function images(): readonly Sample[] {
  const whole = Array.from({ length: COUNT }, (_, index): Sample => {
    const [scene, palette] = [SCENES[index % SCENES.length]!, Object.keys(PALETTES)[(index * 2) % 9]!]
    const format = FORMATS[index % 3 === 0 ? 0 : (index % 2) + 1]!
    const name = `${String(index + 1).padStart(2, '0')}-${scene}-${palette}.${format === 'jpeg' ? 'jpg' : format}`
    return { name, write: (file) => encode(draw(scene, palette, index), format).toFile(file) }
  })
  const damaged: Sample = {
    name: DAMAGED,
    write: async (file) => {
      const bytes = await encode(draw('hills', 'ember', 99), 'jpeg').toBuffer()
      await writeFile(file, bytes.subarray(0, bytes.length / 3))
    },
  }
  return [...whole, damaged]
}

function draw(scene: string, palette: string, index: number): Sharp {
  const [width, height] = SIZES[(index * 3) % SIZES.length]!
  const canvas: Canvas = { width, height, palette: PALETTES[palette]!, random: randomOf(index + 1) }
  const drawing = DRAWINGS[scene]
  if (drawing !== undefined) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawing(canvas)}</svg>`
    return sharp(Buffer.from(svg)).removeAlpha()
  }
  const small = { ...canvas, width: width / 2, height: height / 2 }
  const raw = { width: small.width, height: small.height, channels: 3 } as const
  return sharp(paint(FIELDS[scene]!(small), small), { raw }).resize(width, height)
}

function encode(image: Sharp, format: (typeof FORMATS)[number]): Sharp {
  if (format === 'png') return image.png({ compressionLevel: 3 })
  return format === 'webp' ? image.webp({ quality: 85, effort: 1 }) : image.jpeg({ quality: 88 })
}
