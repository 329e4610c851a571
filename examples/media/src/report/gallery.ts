export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export interface Layout {
  readonly boxes: readonly Box[]
  readonly height: number
}

/** Between tiles, and around them. */
const GAP = 8
const MARGIN = 24
/** Rows of a few wide pictures must not grow without end. */
const STRETCH = 1.6

/**
 * Lays pictures out in rows of equal width, as a photo wall: none is cropped, and there is no ragged last row. `aspects`: width by height of each, in order.
 */
export function layOut(aspects: readonly number[], width: number): Layout {
  const inner = width - 2 * MARGIN
  const sum = aspects.reduce((total, aspect) => total + aspect, 0)
  const wished = Math.min(Math.max(Math.sqrt((0.62 * inner * inner) / Math.max(sum, 1)), 56), 220)
  const rows = Math.max(1, Math.round((sum * wished) / inner))
  let before = 0
  const lines: number[][] = Array.from({ length: rows }, () => [])
  for (const aspect of aspects) {
    lines[Math.min(rows - 1, Math.floor(((before + aspect / 2) / sum) * rows))]!.push(aspect)
    before += aspect
  }
  const boxes: Box[] = []
  let top = MARGIN
  for (const line of lines.filter(({ length }) => length > 0)) {
    const free = inner - GAP * (line.length - 1)
    const height = Math.round(Math.min(free / line.reduce((total, aspect) => total + aspect, 0), wished * STRETCH))
    let left = MARGIN
    line.forEach((aspect, index) => {
      const isLast = index === line.length - 1
      const natural = Math.round(aspect * height)
      const rest = width - MARGIN - left
      // The last one takes what rounding left over.
      const own = isLast && Math.abs(rest - natural) < line.length + 2 ? rest : natural
      boxes.push({ left, top, width: own, height })
      left += own + GAP
    })
    top += height + GAP
  }
  return { boxes, height: top - GAP + MARGIN }
}
