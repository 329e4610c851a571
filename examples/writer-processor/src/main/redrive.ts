import { ConfigurationError } from '@jobport/example-service'
import { readArguments, USAGE, type RedriveArguments } from '../redrive/arguments.ts'
import { redrive } from '../redrive/redrive.ts'

// Exit codes: 0 done, 1 failed, 2 wrong arguments or configuration.
let given: RedriveArguments | 'help'
try {
  given = readArguments(process.argv.slice(2))
} catch (error) {
  console.error(`${(error as Error).message}\n\n${USAGE}`)
  process.exit(2)
}
if (given === 'help') console.log(USAGE)
else {
  try {
    await redrive(given, console.log)
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = error instanceof ConfigurationError ? 2 : 1
  }
}
