import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { HELP, readArguments, UsageError } from './arguments.ts'

it('has defaults for everything', () => {
  const read = readArguments([])
  expect(read).toEqual({
    input: undefined,
    work: expect.stringMatching(/examples\/media\/work$/),
    concurrency: expect.any(Number),
    fresh: false,
  })
})

it('takes what is given, with folders made absolute', () => {
  expect(readArguments(['--input', tmpdir(), '--output=out', '--concurrency', '7', '--fresh'])).toEqual({
    input: tmpdir(),
    work: `${process.cwd()}/out`,
    concurrency: 7,
    fresh: true,
  })
})

it.each([['--help'], ['-h']])('%s asks for help, which names every option', (option) => {
  expect(readArguments([option])).toBe('help')
  for (const each of ['--input', '--output', '--concurrency', '--fresh', '--help']) expect(HELP).toContain(each)
})

it.each([
  [['--input', '/nowhere/at/all'], '--input: there is no folder /nowhere/at/all'],
  [['--input', import.meta.filename], 'is not a folder'],
  [['--output', import.meta.filename], 'is not a folder'],
  [['--concurrency', '0'], '--concurrency: "0" is not a number from 1 to 999'],
  [['--concurrency', 'many'], '--concurrency: "many"'],
  [['--inptu', 'x'], "Unknown option '--inptu'"],
  [['pictures'], 'pictures'],
])('refuses %j', (args, sentence) => {
  expect(() => readArguments(args)).toThrow(UsageError)
  expect(() => readArguments(args)).toThrow(sentence)
})
