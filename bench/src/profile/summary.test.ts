import { expect, it } from 'vitest'
import { timesByFile, timesByFunction, type CpuProfile } from './summary.ts'

const node = (id: number, functionName: string, url: string, lineNumber: number, children: readonly number[] = []) => ({
  id,
  callFrame: { functionName, url, lineNumber, columnNumber: 0 },
  children,
})

// `add` is reached in two ways, once by itself.
const profile: CpuProfile = {
  nodes: [
    node(1, '(root)', '', -1, [2, 4, 5, 6]),
    node(2, 'add', 'file:///core.js', 4, [3]),
    node(3, 'add', 'file:///core.js', 4),
    node(4, '', 'file:///core.js', 9, [7]),
    node(5, '(garbage collector)', '', -1),
    node(6, 'post', 'node:inspector', 12),
    node(7, 'run', '', -1),
  ],
  samples: [2, 3, 4, 5, 6, 7],
  timeDeltas: [30, 20, 10, 25, 500, 15],
}

const places = timesByFunction(profile, (url, line) => (url === '' ? '' : `src/core.ts:${line + 1}`))

it('adds up the time of each function, without that of the profiler', () => {
  expect(places).toEqual([
    { name: 'add', source: 'src/core.ts:5', self: 0.5, total: 0.5 },
    { name: '(garbage collector)', source: '', self: 0.25, total: 0.25 },
    { name: 'run', source: '', self: 0.15, total: 0.15 },
    { name: '(anonymous)', source: 'src/core.ts:10', self: 0.1, total: 0.25 },
  ])
})

it('adds up by file', () => {
  expect([...timesByFile(places)]).toEqual([
    ['src/core.ts', 0.6],
    ['(garbage collector)', 0.25],
    ['run', 0.15],
  ])
})
