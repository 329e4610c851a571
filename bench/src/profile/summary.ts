import type { Table } from '../report/table.ts'

/** The part of a `.cpuprofile` that is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
      readonly columnNumber: number
    }
  }[]
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

export interface Place {
  readonly name: string
  /** `path:line`; empty for what is not JavaScript. */
  readonly source: string
  /** Of the whole time. */
  readonly part: number
}

/** Time spent in each function itself, not in what it calls; longest first. */
export function selfTimes(
  profile: CpuProfile,
  sourceOf: (url: string, line: number, column: number) => string,
): readonly Place[] {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]))
  const times = new Map<string, { name: string; source: string; time: number }>()
  let total = 0
  profile.samples.forEach((id, index) => {
    const { functionName, url, lineNumber, columnNumber } = frames.get(id)!
    // Starting and stopping the profiler itself.
    if (url === 'node:inspector') return
    const time = Math.max(0, profile.timeDeltas[index] ?? 0)
    const key = `${functionName} ${url}:${lineNumber}:${columnNumber}`
    const place = times.get(key)
    total += time
    if (place !== undefined) place.time += time
    else times.set(key, { name: functionName || '(anonymous)', source: sourceOf(url, lineNumber, columnNumber), time })
  })
  return [...times.values()]
    .toSorted((a, b) => b.time - a.time)
    .map(({ name, source, time }) => ({ name, source, part: time / total }))
}

/** The same, added up by file. */
export function byFile(places: readonly Place[]): readonly Place[] {
  const files = new Map<string, number>()
  for (const { name, source, part } of places) {
    const file = source === '' ? name : source.replace(/:\d+$/, '')
    files.set(file, (files.get(file) ?? 0) + part)
  }
  return [...files].map(([file, part]) => ({ name: file, source: '', part })).toSorted((a, b) => b.part - a.part)
}

export function functionTable(places: readonly Place[], rows: number): Table {
  return {
    head: ['self', 'function', 'where'],
    align: ['right', 'left', 'left'],
    rows: places.slice(0, rows).map(({ name, source, part }) => [percent(part), name, source]),
  }
}

export function fileTable(places: readonly Place[], rows: number): Table {
  return {
    head: ['self', 'file'],
    align: ['right', 'left'],
    rows: byFile(places)
      .slice(0, rows)
      .map(({ name, part }) => [percent(part), name]),
  }
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`
}
