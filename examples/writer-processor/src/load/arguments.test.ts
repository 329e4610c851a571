import { expect, it } from 'vitest'
import { readArguments } from './arguments.ts'

it('reads rates and what else is given', () => {
  expect(readArguments(['--rates', '10,20', '--bulk', '5', '--processor', 'http://localhost:1'])).toEqual({
    url: 'http://localhost:3000',
    rates: [10, 20],
    seconds: 10,
    bulk: 5,
    processor: 'http://localhost:1',
  })
})

it.each([[['--rates', '10,x']], [['--seconds', '0']], [['--url', 'here']], [['--fast']]])('refuses %j', (args) => {
  expect(() => readArguments(args)).toThrow(/must be|Unknown option/)
})
