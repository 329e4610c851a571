import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

export interface Arguments {
  readonly suite: string
  readonly quick: boolean
  readonly rounds: number
  /** Empty: all of them. */
  readonly scenarios: readonly string[]
  readonly systems: readonly string[]
  readonly json: string | undefined
  readonly svg: string | undefined
  readonly profile: string | undefined
  readonly updateDocs: boolean
}

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  rounds: { type: 'string' },
  scenarios: { type: 'string' },
  systems: { type: 'string' },
  json: { type: 'string' },
  svg: { type: 'string' },
  profile: { type: 'string' },
  'update-docs': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

export function usage(suites: readonly string[]): string {
  return `pnpm bench <suite> [options]        suites: ${suites.join(', ')}

  --quick              one round with fewer jobs, for a first look
  --rounds N           rounds of each system (default 3, quick 1)
  --scenarios A,B      only these
  --systems A,B        only these
  --json FILE          one JSON object a line
  --svg FILE           a chart
  --profile DIR        one more round with CPU profiles, and where the time went
  --update-docs        write results, chart and profiles into docs/benchmarks/`
}

/** `undefined` when help was asked for. @throws UsageError that says what to write instead. */
export function parseArguments(words: readonly string[], suites: readonly string[]): Arguments | undefined {
  const { values, positionals } = parse(words)
  if (values.help) return undefined
  const [suite, ...others] = positionals
  if (suite === undefined) throw new UsageError(`Name a suite: ${suites.join(', ')}.`)
  if (others.length > 0) throw new UsageError(`One suite at a time; ${others.join(', ')} is too much.`)
  checkNames([suite], suites, 'suite')
  if (values['update-docs'] && (values.quick || values.scenarios || values.systems || values.profile)) {
    throw new UsageError('--update-docs takes a whole run: leave out --quick, --scenarios, --systems and --profile.')
  }
  return {
    suite,
    quick: values.quick,
    rounds: toRounds(values.rounds, values.quick),
    scenarios: toNames(values.scenarios, 'scenarios'),
    systems: toNames(values.systems, 'systems'),
    json: toPath(values.json, 'json'),
    svg: toPath(values.svg, 'svg'),
    profile: toPath(values.profile, 'profile'),
    updateDocs: values['update-docs'],
  }
}

/** @throws UsageError unless every name is known. */
export function checkNames(names: readonly string[], known: readonly string[], what: string): void {
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new UsageError(`There is no ${what} ${unknown}; there are ${known.join(', ')}.`)
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    // Node's first sentence; the others are about unusual shells.
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`)
  }
}

function toRounds(given: string | undefined, quick: boolean): number {
  if (given === undefined) return quick ? 1 : 3
  if (/^[1-9]\d?$/.test(given)) return Number(given)
  throw new UsageError(`--rounds takes a number from 1 to 99, not ${given}.`)
}

function toNames(given: string | undefined, option: string): readonly string[] {
  if (given === undefined) return []
  const names = given.split(',').map((name) => name.trim())
  if (names.includes('')) throw new UsageError(`--${option} takes names with commas between.`)
  return names
}

function toPath(given: string | undefined, option: string): string | undefined {
  if (given === '') throw new UsageError(`--${option} takes a path.`)
  return given
}
