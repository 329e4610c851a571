/** Colours from dark to light, as `#rrggbb`. */
export type Palette = readonly [string, string, string, string, string]

export const PALETTES: Readonly<Record<string, Palette>> = {
  dawn: ['#2b2d5b', '#7a4b8a', '#e0667c', '#f9a66c', '#ffe3b3'],
  lagoon: ['#073b4c', '#0c6e7f', '#18a999', '#7bdcb5', '#f2f7d9'],
  ember: ['#2d0b1e', '#7d1935', '#c8452d', '#f08a24', '#ffd166'],
  forest: ['#10261b', '#1f4d36', '#4a8156', '#9dbf73', '#eef2c7'],
  orchid: ['#240046', '#5a189a', '#9d4edd', '#d79bff', '#f8e7ff'],
  slate: ['#14213d', '#2f4b6e', '#5f85a8', '#a9c6db', '#f3f6f9'],
  citrus: ['#1d3b2a', '#5b8c2a', '#b9c936', '#f6d743', '#fff6cf'],
  polar: ['#0b132b', '#1c5d99', '#3fa7d6', '#a0e4f1', '#f7fbff'],
  terracotta: ['#3a2418', '#84492c', '#c7743f', '#e5ac7c', '#f8e9d7'],
}

export type Rgb = readonly [number, number, number]

function rgb(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16)
  return [value >> 16, (value >> 8) & 0xff, value & 0xff]
}

/** The colour at `position` (0 to 1) on the way through a palette. */
export function colourAt(palette: Palette, position: number): Rgb {
  const place = Math.min(Math.max(position, 0), 1) * (palette.length - 1)
  const index = Math.min(Math.floor(place), palette.length - 2)
  const [from, to] = [rgb(palette[index]!), rgb(palette[index + 1]!)]
  const share = place - index
  return [0, 1, 2].map((channel) =>
    Math.round(from[channel]! + (to[channel]! - from[channel]!) * share),
  ) as unknown as Rgb
}

export function css(colour: Rgb): string {
  return `rgb(${colour.join(',')})`
}
