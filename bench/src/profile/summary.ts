import type { Table } from '../report/table.ts'

/** The part of a `.cpuprofile` that is read here. */
export interface CpuProfile {
  /** A tree: each node is a function as it was reached by one chain of calls. The first is the root. */
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: {
    readonly functionName: string
    readonly url: string
    readonly lineNumber: number
    readonly columnNumber: number
  }
  readonly children?: readonly number[]
}

/** A function. */
export interface Place {
  readonly name: string
  /** `path:line`; empty for what is not JavaScript. */
  readonly source: string
  /** Time spent in the function itself, as a part of the whole. */
  readonly self: number
  /** The same with all that it called. */
  readonly total: number
}

type SourceOf = (url: string, line: number, column: number) => string

/** Where the time went, function by function, those first that took most themselves. */
export function timesByFunction(profile: CpuProfile, sourceOf: SourceOf): readonly Place[] {
  const selfTimes = new Map<number, number>()
  profile.samples.forEach((id, index) => {
    selfTimes.set(id, (selfTimes.get(id) ?? 0) + Math.max(0, profile.timeDeltas[index] ?? 0))
  })
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const places = new Map<string, { name: string; source: string; self: number; total: number }>()

  /** Answers the time of the whole branch. `above`: the functions that the branch hangs on; recursion is counted once. */
  const walk = (node: ProfileNode, above: ReadonlySet<string>): number => {
    const { functionName, url, lineNumber, columnNumber } = node.callFrame
    // Starting and stopping the profiler itself.
    if (url === 'node:inspector') return 0
    const key = `${functionName} ${url}:${lineNumber}:${columnNumber}`
    let place = places.get(key)
    if (place === undefined) {
      const source = sourceOf(url, lineNumber, columnNumber)
      places.set(key, (place = { name: functionName || '(anonymous)', source, self: 0, total: 0 }))
    }
    const self = selfTimes.get(node.id) ?? 0
    const below = new Set(above).add(key)
    const total = (node.children ?? []).reduce((sum, child) => sum + walk(nodes.get(child)!, below), self)
    place.self += self
    if (!above.has(key)) place.total += total
    return total
  }

  const whole = walk(profile.nodes[0]!, new Set())
  return [...places.values()]
    .filter(({ name }) => name !== '(root)')
    .map(({ name, source, self, total }) => ({ name, source, self: self / whole, total: total / whole }))
    .toSorted((a, b) => b.self - a.self)
}

/** The self times added up by file; what is not JavaScript stays under its own name. Longest first. */
export function timesByFile(places: readonly Place[]): ReadonlyMap<string, number> {
  const files = new Map<string, number>()
  for (const { name, source, self } of places) {
    const file = source === '' ? name : source.replace(/:\d+$/, '')
    files.set(file, (files.get(file) ?? 0) + self)
  }
  return new Map([...files].toSorted(([, a], [, b]) => b - a))
}

/** The functions that took most themselves. `total` counts what a function called, but not what it awaited. */
export function functionTable(places: readonly Place[], rows: number): Table {
  return {
    head: ['self', 'total', 'function', 'where'],
    align: ['right', 'right', 'left', 'left'],
    rows: places.slice(0, rows).map(({ name, source, self, total }) => [percent(self), percent(total), name, source]),
  }
}

export function fileTable(places: readonly Place[], rows: number): Table {
  return {
    head: ['self', 'file'],
    align: ['right', 'left'],
    rows: [...timesByFile(places)].slice(0, rows).map(([file, self]) => [percent(self), file]),
  }
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`
}
