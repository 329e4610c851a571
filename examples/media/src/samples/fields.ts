import type { Canvas } from './drawings.ts'
import { colourAt } from './palette.ts'

/** Pictures by formula: a value for each point, from which the palette makes a colour. */
export const FIELDS: Readonly<Record<string, (canvas: Canvas) => (x: number, y: number) => number>> = {
  plasma({ random }) {
    const [a, b, c] = [3 + random() * 3, 4 + random() * 3, random() * 6]
    return (x, y) =>
      0.5 +
      0.25 * Math.sin(a * x + 2 * Math.sin(b * y + c)) +
      0.25 * Math.sin(b * y * 1.3 + 1.7 * Math.sin(a * x * 0.8 - c))
  },

  julia({ random }) {
    const angle = 1.9 + random() * 0.5
    const [cx, cy] = [0.7885 * Math.cos(angle), 0.7885 * Math.sin(angle)]
    return (x, y) => {
      let [re, im] = [(x - 0.5) * 2.6, (y - 0.5) * 2.6]
      for (let step = 0; step < 90; step++) {
        const [re2, im2] = [re * re, im * im]
        if (re2 + im2 > 64) return ((step + 1 - Math.log2(Math.log2(re2 + im2) / 2)) / 26) ** 0.75
        im = 2 * re * im + cy
        re = re2 - im2 + cx
      }
      return 0
    }
  },

  cells({ random }) {
    const seeds = Array.from({ length: 42 }, () => [random() * 1.6, random() * 1.6, random()] as const)
    return (x, y) => {
      let first = 9
      let second = 9
      let tone = 0
      for (const [sx, sy, value] of seeds) {
        const square = (x - sx) ** 2 + (y - sy) ** 2
        if (square < first) {
          second = first
          first = square
          tone = value
        } else if (square < second) second = square
      }
      const [near, next] = [Math.sqrt(first), Math.sqrt(second)]
      return next - near < 0.012 ? 0.02 : 0.2 + tone * 0.65 + (0.12 - near) * 0.9
    }
  },
}

/** The pixels of a field, three bytes each. */
export function paint(field: (x: number, y: number) => number, { width, height, palette }: Canvas): Buffer {
  const shades = Array.from({ length: 512 }, (_, index) => colourAt(palette, index / 511))
  const scale = Math.min(width, height)
  const pixels = Buffer.allocUnsafe(width * height * 3)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = field((x + (scale - width) / 2) / scale, (y + (scale - height) / 2) / scale)
      const [red, green, blue] = shades[Math.round(Math.min(Math.max(value, 0), 1) * 511)]!
      pixels[at++] = red
      pixels[at++] = green
      pixels[at++] = blue
    }
  }
  return pixels
}
