import type { Ms } from '@jobport/core'

/** A stretch of time. */
export interface Span {
  readonly from: Ms
  readonly to: Ms
}

/** How much time lies in any of these spans and in none of the others. */
export function lengthOf(spans: readonly Span[], without: readonly Span[]): Ms {
  const edges = [
    ...spans.flatMap(({ from, to }) => (from < to ? [edge(from, 1, 0), edge(to, -1, 0)] : [])),
    ...without.flatMap(({ from, to }) => (from < to ? [edge(from, 0, 1), edge(to, 0, -1)] : [])),
  ].toSorted((a, b) => a.at - b.at)
  let [length, within, excluded, since] = [0, 0, 0, 0]
  for (const { at, inside, outside } of edges) {
    if (within > 0 && excluded === 0) length += at - since
    within += inside
    excluded += outside
    since = at
  }
  return length
}

interface Edge {
  readonly at: Ms
  /** How many spans begin there, less how many end; of those that count, and of the others. */
  readonly inside: number
  readonly outside: number
}

function edge(at: Ms, inside: number, outside: number): Edge {
  return { at, inside, outside }
}
