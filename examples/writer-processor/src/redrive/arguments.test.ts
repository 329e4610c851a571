import { expect, it } from 'vitest'
import { readArguments } from './arguments.ts'

it('sends back up to a hundred by default', () => {
  expect(readArguments([])).toEqual({ dryRun: false, limit: 100, json: false })
})

it('reads its options', () => {
  expect(readArguments(['--dry-run', '--limit', '7', '--json'])).toEqual({ dryRun: true, limit: 7, json: true })
  expect(readArguments(['-h'])).toBe('help')
})

it.each([[['--limit', '0']], [['--limit', 'many']], [['--force']], [['all']]])('refuses %j', (args) => {
  expect(() => readArguments(args)).toThrow(/--limit|Unknown option|Unexpected argument/)
})
