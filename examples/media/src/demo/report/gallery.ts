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
    const exact = Math.min(free / line.reduce((total, aspect) => total + aspect, 0), wished * STRETCH)
    const height = Math.max(1, Math.round(exact))
    let passed = 0
    // From edge to edge, each rounded once, so that no error adds up along the row.
    for (const [index, aspect] of line.entries()) {
      const [left, right] = [passed, passed + aspect].map((at) => MARGIN + Math.round(at * exact) + index * GAP)
      boxes.push({ left: left!, top, width: right! - left!, height })
      passed += aspect
    }
    top += height + GAP
  }
  return { boxes, height: top - GAP + MARGIN }
}
