import { describe, expect, it } from 'vitest'
import { checkNames, parseArguments } from './arguments.ts'

const parse = (...words: readonly string[]) => parseArguments(words, ['core', 'redis'])

describe('the arguments', () => {
  it('have defaults', () => {
    expect(parse('core')).toEqual({
      suite: 'core',
      quick: false,
      rounds: 3,
      scenarios: [],
      systems: [],
      json: undefined,
      svg: undefined,
      profile: undefined,
      updateDocs: false,
    })
  })

  it('are taken in any order', () => {
    const words = ['--quick', '--json', 'out.json', 'redis', '--systems', 'a, b', '--rounds=7']
    expect(parse(...words)).toMatchObject({
      suite: 'redis',
      quick: true,
      rounds: 7,
      systems: ['a', 'b'],
      json: 'out.json',
    })
  })

  it('may ask for help', () => {
    expect(parse('--help')).toBeUndefined()
  })

  it.each([
    [[], 'Name a suite: core, redis.'],
    [['kafka'], 'There is no suite kafka; there are core, redis.'],
    [['core', 'redis'], 'One suite at a time; redis is too much.'],
    [['core', '--quik'], "Unknown option '--quik'"],
    [['core', '--json'], "'--json <value>' argument missing"],
    [['core', '--update-docs', '--quick'], '--update-docs takes a whole run'],
    [['core', '--json='], '--json takes a path.'],
    [['core', '--rounds', '0'], '--rounds takes a number from 1 to 99, not 0.'],
    [['core', '--rounds', '2.5'], 'not 2.5'],
    [['core', '--systems', 'a,,b'], '--systems takes names with commas between.'],
  ])('%j is refused with the reason', (words, message) => {
    expect(() => parse(...words)).toThrow(message)
  })
})

it('checkNames names the stranger and those that are known', () => {
  expect(() => checkNames(['drain-c1', 'drain'], ['drain-c1', 'pickup'], 'scenario')).toThrow(
    'There is no scenario drain; there are drain-c1, pickup.',
  )
})
