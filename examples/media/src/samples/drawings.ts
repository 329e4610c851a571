import { colourAt, css, type Palette } from './palette.ts'

/** What to draw on. */
export interface Canvas {
  readonly width: number
  readonly height: number
  readonly palette: Palette
  readonly random: () => number
}

/** Pictures as SVG. No text: not every machine has fonts. */
export const DRAWINGS: Readonly<Record<string, (canvas: Canvas) => string>> = {
  hills({ width, height, palette, random }) {
    const [sunX, sunY] = [width * (0.25 + random() * 0.5), height * (0.3 + random() * 0.15)]
    const hills = [0, 1, 2, 3, 4].map((layer) => {
      const base = height * (0.5 + layer * 0.11)
      const swing = height * 0.07 * (1 + random())
      const ridge = curve(
        width,
        (x) => base + swing * Math.sin((x / width) * (4 + layer) + random() * 0.08 + layer * 2.1),
      )
      return `<path d="${ridge} L${width} ${height} L0 ${height}Z" fill="${css(colourAt(palette, 0.62 - layer * 0.15))}"/>`
    })
    const sun = `<circle cx="${sunX}" cy="${sunY}" r="${height * 0.09}" fill="${palette[4]}"/>`
    return `${down(palette[1], palette[3], palette[4])}${sky()}${glow(sunX, sunY, height * 0.5, palette[4])}${sun}${hills.join('')}`
  },

  night({ width, height, palette, random }) {
    const stars = times(140, () => {
      const [x, y] = [random() * width, random() ** 1.5 * height * 0.8]
      return `<circle cx="${x}" cy="${y}" r="${0.6 + random() ** 4 * 3}" fill="#fff" opacity="${0.3 + random() * 0.7}"/>`
    })
    const [x, y, r] = [width * (0.2 + random() * 0.6), height * 0.28, height * 0.08]
    const peaks = [0, 1, 2].map((layer) => {
      const line = curve(
        width,
        (at) => height * (0.72 + layer * 0.09) - height * 0.12 * ridges(at / width, layer, random() * 0.05),
        46,
      )
      return `<path d="${line} L${width} ${height} L0 ${height}Z" fill="${css(colourAt(palette, 0.16 - layer * 0.08))}"/>`
    })
    return `${down('#05060f', palette[0], palette[2])}${sky()}${stars}${glow(x, y, r * 5, palette[4])}<circle cx="${x}" cy="${y}" r="${r}" fill="${palette[4]}"/>${peaks.join('')}`
  },

  bokeh({ width, height, palette, random }) {
    const lights = times(60, () => {
      const r = Math.min(width, height) * (0.03 + random() * 0.1)
      const colour = css(colourAt(palette, 0.35 + random() * 0.65))
      return `<circle cx="${random() * width}" cy="${random() * height}" r="${r}" fill="${colour}" fill-opacity="${0.12 + random() * 0.3}" stroke="${colour}" stroke-opacity=".5" stroke-width="2"/>`
    })
    return `${down(palette[0], palette[1], palette[0])}${sky()}${lights}`
  },

  facets({ width, height, palette, random }) {
    const [columns, rows] = [Math.round(width / 110), Math.round(height / 110)]
    const jitter = (at: number, most: number): number => (at === 0 || at === most ? 0 : (random() - 0.5) * 0.75)
    const points = Array.from({ length: rows + 1 }, (_, row) =>
      Array.from({ length: columns + 1 }, (__, column) => [
        ((column + jitter(column, columns)) * width) / columns,
        ((row + jitter(row, rows)) * height) / rows,
      ]),
    )
    const tone = (row: number, column: number): string =>
      css(colourAt(palette, 0.1 + 0.75 * (row / rows) * 0.6 + 0.3 * (column / columns) + (random() - 0.5) * 0.22))
    return points
      .slice(1)
      .flatMap((_, row) =>
        Array.from({ length: columns }, (__, column) => {
          const [a, b] = [points[row]![column]!, points[row]![column + 1]!]
          const [c, d] = [points[row + 1]![column]!, points[row + 1]![column + 1]!]
          return [
            [a, b, c],
            [b, d, c],
          ].map((corners) => {
            const fill = tone(row, column)
            return `<polygon points="${corners.join(' ')}" fill="${fill}" stroke="${fill}" stroke-width="1"/>`
          })
        }),
      )
      .flat()
      .join('')
  },

  rings({ width, height, palette, random }) {
    const [x, y] = [width * (0.3 + random() * 0.4), height * (0.3 + random() * 0.4)]
    const most = Math.hypot(width, height) * 0.75
    const count = 16
    const rings = Array.from({ length: count }, (_, index) => {
      const r = most * (1 - index / count)
      const drift = (index / count) * width * 0.12
      return `<circle cx="${x + drift}" cy="${y - drift * 0.6}" r="${r}" fill="${css(colourAt(palette, index / (count - 1)))}"/>`
    })
    return rings.join('')
  },

  weave({ width, height, palette, random }) {
    const size = Math.round(Math.min(width, height) / 7)
    const tiles = grid(width, height, size, (x, y) => {
      const half = size / 2
      const [a, b] =
        random() < 0.5
          ? [
              [x, y],
              [x + size, y + size],
            ]
          : [
              [x + size, y],
              [x, y + size],
            ]
      const arc = ([cx, cy]: readonly number[], width_: number, colour: string): string =>
        `<circle cx="${cx}" cy="${cy}" r="${half}" fill="none" stroke="${colour}" stroke-width="${size * width_}"/>`
      const clip = `c${x}-${y}`
      const tone = css(colourAt(palette, 0.45 + 0.5 * ((x + y) / (width + height))))
      const arcs = [a, b].map((at) => `${arc(at, 0.36, palette[0])}${arc(at, 0.24, tone)}`).join('')
      return `<clipPath id="${clip}"><rect x="${x}" y="${y}" width="${size}" height="${size}"/></clipPath><g clip-path="url(#${clip})">${arcs}</g>`
    })
    return `<rect width="100%" height="100%" fill="${palette[1]}"/>${tiles}`
  },

  waves({ width, height, palette, random }) {
    const lines = 22
    const [phase, swing] = [random() * 6, height * 0.055]
    const waves = Array.from({ length: lines }, (_, index) => {
      const share = index / (lines - 1)
      const wave = curve(
        width,
        (x) => height * share + swing * Math.sin((x / width) * 7 + phase + share * 5) * (0.4 + share),
      )
      return `<path d="${wave} L${width} ${height * 1.3} L0 ${height * 1.3}Z" fill="${css(colourAt(palette, 1 - share))}"/>`
    })
    return `<rect width="100%" height="100%" fill="${palette[4]}"/>${waves.join('')}`
  },

  rosette({ width, height, palette, random }) {
    const [x, y, size] = [width / 2, height / 2, Math.min(width, height)]
    const layers = [0.47, 0.36, 0.25, 0.14].map((reach, layer) => {
      const petals = 12 - layer * 2
      const turn = random() * 60
      return Array.from({ length: petals }, (_, index) => {
        const angle = turn + (360 / petals) * index
        const colour = css(colourAt(palette, 0.3 + layer * 0.2))
        return `<ellipse cx="${x}" cy="${y - size * reach * 0.5}" rx="${size * reach * 0.23}" ry="${size * reach * 0.52}" fill="${colour}" fill-opacity=".62" transform="rotate(${angle} ${x} ${y})"/>`
      }).join('')
    })
    const heart = `<circle cx="${x}" cy="${y}" r="${size * 0.035}" fill="${palette[4]}"/>`
    return `${down(palette[0], palette[0], palette[1])}${sky()}${glow(x, y, size * 0.6, palette[2])}${layers.join('')}${heart}`
  },

  quilt({ width, height, palette, random }) {
    const size = Math.round(Math.min(width, height) / 5)
    const tone = (): string => palette[Math.floor(random() * palette.length)]!
    return grid(width, height, size, (x, y) => {
      const shapes = [
        `<circle cx="${x + size / 2}" cy="${y + size / 2}" r="${size * 0.36}" fill="${tone()}"/>`,
        `<path d="M${x} ${y} h${size} v${size}Z" fill="${tone()}"/>`,
        `<path d="M${x} ${y} a${size} ${size} 0 0 1 ${size} ${size} h-${size}Z" fill="${tone()}"/>`,
        `<path d="M${x + size / 2} ${y} l${size / 2} ${size / 2} l-${size / 2} ${size / 2} l-${size / 2} -${size / 2}Z" fill="${tone()}"/>`,
        `<rect x="${x}" y="${y + size / 2}" width="${size}" height="${size / 2}" fill="${tone()}"/>`,
      ]
      const shape = shapes[Math.floor(random() * shapes.length)]!
      return `<rect x="${x}" y="${y}" width="${size + 1}" height="${size + 1}" fill="${tone()}"/>${shape}`
    })
  },
}

function times(count: number, draw: () => string): string {
  return Array.from({ length: count }, draw).join('')
}

function grid(width: number, height: number, size: number, draw: (x: number, y: number) => string): string {
  const cells: string[] = []
  for (let y = 0; y < height; y += size) for (let x = 0; x < width; x += size) cells.push(draw(x, y))
  return cells.join('')
}

function curve(width: number, at: (x: number) => number, steps = 80): string {
  const points = Array.from({ length: steps + 1 }, (_, index) => {
    const x = (width * index) / steps
    return `${x.toFixed(1)} ${at(x).toFixed(1)}`
  })
  return `M${points.join(' L')}`
}

/** Down from 1 to 0 and up again, every 2. */
function fold(value: number): number {
  return Math.abs((value % 2) - 1)
}

/** A jagged line between 0 and 1. */
function ridges(x: number, layer: number, noise: number): number {
  return fold(x * 5 + layer * 0.7) * 0.6 + fold(x * 11 + layer * 1.3) * 0.3 + noise * 2
}

function down(...colours: readonly string[]): string {
  const stops = colours.map(
    (colour, index) => `<stop offset="${index / (colours.length - 1)}" stop-color="${colour}"/>`,
  )
  return `<linearGradient id="sky" x2="0" y2="1">${stops.join('')}</linearGradient>`
}

function sky(): string {
  return '<rect width="100%" height="100%" fill="url(#sky)"/>'
}

function glow(x: number, y: number, r: number, colour: string): string {
  const stops = `<stop offset="0" stop-color="${colour}" stop-opacity=".75"/><stop offset="1" stop-color="${colour}" stop-opacity="0"/>`
  return `<radialGradient id="glow">${stops}</radialGradient><circle cx="${x}" cy="${y}" r="${r}" fill="url(#glow)"/>`
}
