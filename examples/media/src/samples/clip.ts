import { open } from 'node:fs/promises'
import { colourAt, PALETTES, type Rgb } from './palette.ts'

const WIDTH = 416
const HEIGHT = 234
const FPS = 25
const SECONDS = 3
const SHADES = 256

/** Writes a short clip of drifting light, uncompressed (YUV4MPEG2), which needs no program to make and gives an encoder something to do. */
export async function writeClip(file: string): Promise<void> {
  const shades = Array.from({ length: SHADES }, (_, index) => toYuv(colourAt(PALETTES.dawn!, index / (SHADES - 1))))
  const handle = await open(file, 'w')
  try {
    await handle.write(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FPS}:1 Ip A1:1 C420jpeg\n`)
    for (let frame = 0; frame < FPS * SECONDS; frame++) {
      await handle.write('FRAME\n')
      await handle.write(drawFrame(shades, (frame / (FPS * SECONDS)) * 2 * Math.PI))
    }
  } finally {
    await handle.close()
  }
}

/** Luma for every pixel, then both chromas for every two by two. */
function drawFrame(shades: readonly Rgb[], time: number): Buffer {
  const luma = WIDTH * HEIGHT
  const frame = Buffer.allocUnsafe((luma * 3) / 2)
  const lights = [0, 1, 2, 3, 4].map((index) => ({
    x: WIDTH * (0.5 + 0.38 * Math.sin(time * (1 + (index % 2)) + index * 1.9)),
    y: HEIGHT * (0.5 + 0.36 * Math.cos(time * (1 + (index % 3)) + index * 2.3)),
    reach: 1_700 + 420 * index,
  }))
  let chroma = luma
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      let light = 0.05 + (0.2 * y) / HEIGHT
      for (let index = 0; index < lights.length; index++) {
        const { x: lx, y: ly, reach } = lights[index]!
        light += reach / ((x - lx) * (x - lx) + (y - ly) * (y - ly) + 1_700) / 3.4
      }
      const [brightness, blue, red] = shades[Math.min(SHADES - 1, Math.floor(light * SHADES))]!
      frame[y * WIDTH + x] = brightness
      if (x % 2 === 0 && y % 2 === 0) {
        frame[chroma] = blue
        frame[chroma + luma / 4] = red
        chroma++
      }
    }
  }
  return frame
}

/** ITU-R BT.601, full range. */
function toYuv([red, green, blue]: Rgb): Rgb {
  return [
    0.299 * red + 0.587 * green + 0.114 * blue,
    128 - 0.168736 * red - 0.331264 * green + 0.5 * blue,
    128 + 0.5 * red - 0.418688 * green - 0.081312 * blue,
  ].map((value) => Math.round(Math.min(Math.max(value, 0), 255))) as unknown as Rgb
}
