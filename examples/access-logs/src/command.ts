import { ConfigurationError } from '@jobport/example-service'
import { parseArgs, type ParseArgsConfig } from 'node:util'

/** What is wrong with the arguments, for whoever typed them. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Runs a program for people: exit code 0, or what `main` answers; 1 failed, 2 wrong arguments or configuration, 130 interrupted. `signal` aborts at Ctrl-C; a second one
 * ends the program at once.
 */
export async function runCommand(help: string, main: (signal: AbortSignal) => Promise<number | void>): Promise<void> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort(new Error('interrupted')))
  // As `report | head` does.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  try {
    if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) console.log(help)
    else process.exitCode = (await main(stop.signal)) ?? 0
  } catch (error) {
    process.exitCode = explain(error, help, stop.signal)
  }
}

/** `parseArgs`, whose complaints are those of a user. */
export function readOptions<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** @throws UsageError */
export function readNumber(text: string, option: string, from: number, to: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= from && value <= to) return value
  throw new UsageError(`--${option}: ${JSON.stringify(text)} is not a whole number from ${from} to ${to}`)
}

/** @throws UsageError */
export function readDay(text: string, option: string): string {
  const date = new Date(`${text}T00:00:00Z`)
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text))
    return text
  throw new UsageError(`--${option}: ${JSON.stringify(text)} is not a day such as 2017-11-01`)
}

function explain(error: unknown, help: string, signal: AbortSignal): number {
  if (signal.aborted) {
    console.error('Interrupted.')
    return 130
  }
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${help}`)
    return 2
  }
  if (error instanceof ConfigurationError) {
    console.error(error.message)
    return 2
  }
  console.error(error)
  return 1
}
