import { rename } from 'node:fs/promises'
import sharp, { type OverlayOptions } from 'sharp'
import { temporary } from '../../media/publish.ts'
import { layOut, type Box } from './gallery.ts'

/** What to show for one job: its picture, or that there is none. */
export type Tile = { readonly kind: 'image' | 'video'; readonly file: string } | { readonly kind: 'none' }

const WIDTH = 1600
const BACKGROUND = '#101216'
/** Of the tile for a picture that is not there. */
const NONE_ASPECT = 1.2

/** Draws one picture of all thumbnails. */
export async function drawContactSheet(tiles: readonly Tile[], file: string): Promise<void> {
  const aspects = await Promise.all(tiles.map(aspectOf))
  const { boxes, height } = layOut(aspects, WIDTH)
  const overlays = await Promise.all(tiles.map((tile, index) => draw(tile, boxes[index]!)))
  const draft = temporary(file)
  await sharp({ create: { width: WIDTH, height, channels: 3, background: BACKGROUND } })
    .composite(overlays)
    .png({ compressionLevel: 6 })
    .toFile(draft)
  await rename(draft, file)
}

async function aspectOf(tile: Tile): Promise<number> {
  if (tile.kind === 'none') return NONE_ASPECT
  const { width, height } = await sharp(tile.file).metadata()
  // Beyond this a picture would leave no room for others, or be a line.
  return Math.min(Math.max(width / height, 0.4), 4)
}

async function draw(tile: Tile, { left, top, width, height }: Box): Promise<OverlayOptions> {
  const picture =
    tile.kind === 'none' ? sharp(svg(width, height, broken(width, height))) : sharp(tile.file).resize(width, height)
  const marks = tile.kind === 'video' ? [{ input: svg(width, height, play(width, height)) }] : []
  const corners = `<rect width="${width}" height="${height}" rx="${Math.min(8, height / 16)}"/>`
  const input = await picture
    .ensureAlpha()
    .composite([...marks, { input: svg(width, height, corners), blend: 'dest-in' }])
    .png({ compressionLevel: 1 })
    .toBuffer()
  return { input, left, top }
}

function svg(width: number, height: number, content: string): Buffer {
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content}</svg>`)
}

function play(width: number, height: number): string {
  const [x, y, r] = [width / 2, height / 2, Math.min(width, height) * 0.17]
  const triangle = `M${x - r * 0.32} ${y - r * 0.5} L${x + r * 0.55} ${y} L${x - r * 0.32} ${y + r * 0.5}Z`
  return `<circle cx="${x}" cy="${y}" r="${r}" fill="#000" fill-opacity=".45" stroke="#fff" stroke-opacity=".9" stroke-width="${r * 0.08}"/>
    <path d="${triangle}" fill="#fff" stroke="#fff" stroke-width="${r * 0.1}" stroke-linejoin="round"/>`
}

/** A picture torn in two. */
function broken(width: number, height: number): string {
  const size = Math.min(width, height) * 0.52
  return `<rect width="${width}" height="${height}" fill="#1d2027"/>
    <g transform="translate(${(width - size) / 2} ${(height - size) / 2}) scale(${size / 100})" fill="none" stroke="#e4576b" stroke-width="5" stroke-linejoin="round" stroke-linecap="round">
      <path d="M47 14 H12 Q6 14 6 20 V80 Q6 86 12 86 H38 L48 66 L38 50 L52 34 Z"/>
      <path d="M63 14 H88 Q94 14 94 20 V80 Q94 86 88 86 H54 L64 66 L54 50 L68 34 Z"/>
      <circle cx="25" cy="35" r="6"/><path d="M7 76 L24 58 L37 70"/><path d="M66 64 L76 54 L93 72"/>
    </g>`
}
