import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** Where a service runs. It decides which settings have a default: in development nearly all, elsewhere only what is the same everywhere. */
export const ENVIRONMENTS = ['development', 'staging', 'production'] as const
export type EnvironmentName = (typeof ENVIRONMENTS)[number]

/** The variables of an environment as they come: texts, or nothing. */
export type Variables = Readonly<Record<string, string | undefined>>

export interface ConfigurationOptions {
  /** What stands for a variable that is not set, by environment. */
  readonly defaults?: Partial<Record<EnvironmentName, Readonly<Record<string, string>>>>
  /** Default `process.env`. */
  readonly variables?: Variables
}

export interface Problem {
  readonly variable: string
  /** What is wrong, and what would be right. Never the value: it may be a secret. */
  readonly message: string
}

/** The environment does not say what the service needs to know. `message` has a line for every problem. */
export class ConfigurationError extends Error {
  readonly problems: readonly Problem[]

  constructor(environment: string, problems: readonly Problem[]) {
    const width = Math.max(...problems.map(({ variable }) => variable.length))
    const lines = problems.map(({ variable, message }) => `  ${variable.padEnd(width)}  ${message}`)
    super(`The configuration for ${environment} is not complete:\n${lines.join('\n')}`)
    this.name = 'ConfigurationError'
    this.problems = problems
  }
}

type Shape = Readonly<Record<string, z.ZodType>>
type Configuration<S extends Shape> = { readonly [K in keyof S]: z.output<S[K]> } & {
  readonly APP_ENV: EnvironmentName
}

/**
 * Reads the variables of `shape` and `APP_ENV` (default `development`). The value of `NAME` may stand in a file that `NAME_FILE` names, as Docker and
 * Kubernetes hand secrets over. A variable that is empty counts as not set.
 * @throws ConfigurationError that lists everything that is missing or wrong
 */
export function readConfiguration<S extends Shape>(
  shape: S,
  { defaults = {}, variables = process.env }: ConfigurationOptions = {},
): Configuration<S> {
  const environment = z.enum(ENVIRONMENTS).safeParse(set(variables['APP_ENV']) ?? 'development')
  if (!environment.success)
    throw new ConfigurationError('an unknown environment', [
      { variable: 'APP_ENV', message: `must be one of ${ENVIRONMENTS.join(', ')}` },
    ])

  const problems: Problem[] = []
  const values: Record<string, unknown> = { APP_ENV: environment.data }
  for (const [variable, schema] of Object.entries(shape)) {
    try {
      const given = read(variable, variables) ?? defaults[environment.data]?.[variable]
      const parsed = schema.safeParse(given)
      if (parsed.success) values[variable] = parsed.data
      else problems.push({ variable, message: explain(given, schema, parsed.error) })
    } catch (error) {
      problems.push({ variable: `${variable}_FILE`, message: (error as Error).message })
    }
  }
  if (problems.length > 0) throw new ConfigurationError(environment.data, problems)
  return values as Configuration<S>
}

function read(variable: string, variables: Variables): string | undefined {
  const direct = set(variables[variable])
  const file = set(variables[`${variable}_FILE`])
  if (file === undefined) return direct
  if (direct !== undefined) throw new Error(`is set beside ${variable}; set one of the two`)
  try {
    return set(readFileSync(file, 'utf8').replace(/\r?\n$/, ''))
  } catch (error) {
    throw new Error(`names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error })
  }
}

function set(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}

/** A missing variable is explained by its description, a wrong one by what zod says of it. */
function explain(given: string | undefined, schema: z.ZodType, { issues }: z.ZodError): string {
  if (given !== undefined) return issues.map(({ message }) => message).join('; ')
  return schema.description === undefined ? 'is missing' : `is missing: ${schema.description}`
}
