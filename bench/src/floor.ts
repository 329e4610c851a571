import type { Line } from './report/lines.ts'

/** What a system of ours must reach at least in one scenario, or must not exceed. */
export interface Floor {
  readonly system: string
  /** The name of a line in the results. */
  readonly scenario: string
  /** Our figure is divided by the best of these systems, or by our own in another scenario; else it counts as it is. */
  readonly over?: readonly string[] | { readonly scenario: string }
  readonly bound: Bound
}

export type Bound = { readonly atLeast: number } | { readonly atMost: number }

export interface Verdict {
  readonly floor: Floor
  /** What the floor speaks of: a ratio, or the figure itself. */
  readonly value: number
  /** The one system that it was divided by, where there is one. */
  readonly rival: string | undefined
  /** By how much the bound was missed, as a part of it; 0 when it was met. */
  readonly gap: number
}

/** Of the floors for which everything was measured. */
export function judge(floors: readonly Floor[], lines: readonly Line[]): readonly Verdict[] {
  return floors.flatMap((floor): readonly Verdict[] => {
    const ours = lines.find(({ system, scenario }) => system === floor.system && scenario === floor.scenario)
    if (ours === undefined) return []
    const rivals = rivalsOf(floor, lines)
    if (rivals === undefined)
      return [{ floor, value: ours.median, rival: undefined, gap: gapOf(ours.median, floor.bound) }]
    const best = rivals.toSorted((a, b) => ('atLeast' in floor.bound ? b.median - a.median : a.median - b.median))[0]
    if (best === undefined) return []
    const value = ours.median / best.median
    return [{ floor, value, rival: best.system, gap: gapOf(value, floor.bound) }]
  })
}

/** Undefined where the figure itself counts. */
function rivalsOf({ over, scenario, system }: Floor, lines: readonly Line[]): readonly Line[] | undefined {
  if (over === undefined) return undefined
  if ('scenario' in over) return lines.filter((line) => line.scenario === over.scenario && line.system === system)
  return lines.filter((line) => line.scenario === scenario && over.includes(line.system))
}

function gapOf(value: number, bound: Bound): number {
  return Math.max(0, 'atLeast' in bound ? 1 - value / bound.atLeast : value / bound.atMost - 1)
}
