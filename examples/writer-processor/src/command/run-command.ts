import { ConfigurationError } from '@jobport/example-service'

/** Runs a command with its arguments. Exit codes: 0 done, 1 failed, 2 wrong arguments or configuration. */
export async function runCommand<Given>(
  usage: string,
  read: (args: readonly string[]) => Given | 'help',
  run: (given: Given) => Promise<void>,
): Promise<void> {
  let given: Given | 'help'
  try {
    given = read(process.argv.slice(2))
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`)
    process.exitCode = 2
    return
  }
  if (given === 'help') return console.log(usage)
  try {
    await run(given)
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = error instanceof ConfigurationError ? 2 : 1
  }
}
