import { readArguments, USAGE } from '../load/arguments.ts'
import { load } from '../load/load.ts'
import { runCommand } from '../command/run-command.ts'

await runCommand(USAGE, readArguments, (given) => load(given, console.log))
