import { runCommand } from '../command/run-command.ts'
import { readArguments, USAGE } from '../redrive/arguments.ts'
import { redrive } from '../redrive/redrive.ts'

await runCommand(USAGE, readArguments, (given) => redrive(given, console.log))
