import { expect, it } from 'vitest'
import { byFile, selfTimes, type CpuProfile } from './summary.ts'

const frame = (id: number, functionName: string, url: string, lineNumber: number) => ({
  id,
  callFrame: { functionName, url, lineNumber, columnNumber: 0 },
})

// `add` was reached in two ways, so it has two nodes.
const profile: CpuProfile = {
  nodes: [
    frame(1, 'add', 'file:///core.js', 4),
    frame(2, 'add', 'file:///core.js', 4),
    frame(3, '', 'file:///core.js', 9),
    frame(4, '(garbage collector)', '', -1),
    frame(5, 'post', 'node:inspector', 12),
  ],
  samples: [1, 2, 3, 4, 5],
  timeDeltas: [30, 30, 20, 20, 500],
}
const sourceOf = (url: string, line: number): string => (url === '' ? '' : `src/core.ts:${line + 1}`)

it('adds up the time of each function, without that of the profiler', () => {
  expect(selfTimes(profile, sourceOf)).toEqual([
    { name: 'add', source: 'src/core.ts:5', part: 0.6 },
    { name: '(anonymous)', source: 'src/core.ts:10', part: 0.2 },
    { name: '(garbage collector)', source: '', part: 0.2 },
  ])
})

it('adds up by file', () => {
  const files = byFile(selfTimes(profile, sourceOf))
  expect(files.map(({ name, part }) => [name, part])).toEqual([
    ['src/core.ts', 0.8],
    ['(garbage collector)', 0.2],
  ])
})
