import { parseArgs, type ParseArgsConfig } from 'node:util'

/** What a program was called with. With `--help` it says its usage and ends; with what it does not know it says both, and ends with exit code 2. */
export function commandLine<O extends NonNullable<ParseArgsConfig['options']>>(usage: string, options: O) {
  if (process.argv.includes('--help')) {
    console.log(usage)
    process.exit(0)
  }
  try {
    return parseArgs({ allowPositionals: true, options })
  } catch (error) {
    return refuse((error as Error).message, usage)
  }
}

export function refuse(problem: string, usage: string): never {
  console.error(`${problem}\n\n${usage}`)
  process.exit(2)
}
