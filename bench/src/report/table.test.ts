import { expect, it } from 'vitest'
import { comparison } from './comparison.ts'
import { toLines } from './lines.ts'
import { toMarkdown, toText, type Table } from './table.ts'

const table: Table = {
  head: ['', 'jobs/s'],
  align: ['left', 'right'],
  rows: [
    ['a|b', '1.5k'],
    ['<long name>', '20'],
  ],
}

it('lines up columns for a terminal', () => {
  expect(toText(table).split('\n')).toEqual([
    '             jobs/s',
    '───────────  ──────',
    'a|b            1.5k',
    '<long name>      20',
  ])
})

it('escapes what would end a cell in Markdown, or begin a tag', () => {
  expect(toMarkdown(table).split('\n')).toEqual([
    '|  | jobs/s |',
    '| --- | --: |',
    '| a\\|b | 1.5k |',
    '| &lt;long name> | 20 |',
  ])
})

it('compares ours with its peers, and leaves a gap where nothing was measured', () => {
  const contest = { ours: ['ours'], peers: ['theirs'] }
  const unit = 'jobs/s'
  const lines = toLines(
    [
      { suite: 'core', scenario: 'drain-c1', system: 'ours', unit, rounds: [1000, 1100] },
      { suite: 'core', scenario: 'drain-c1', system: 'theirs', unit, rounds: [500] },
      { suite: 'core', scenario: 'drain-c2', system: 'ours', unit, rounds: [7] },
    ],
    [contest],
  )
  expect(comparison(lines, contest)).toMatchObject({
    head: ['', 'unit', 'ours', 'theirs'],
    rows: [
      ['drain-c1', 'jobs/s', '1.05k ±5 %', '500 (2.1×)'],
      ['drain-c2', 'jobs/s', '7.00', '–'],
    ],
  })
})
