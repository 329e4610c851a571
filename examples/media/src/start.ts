import { HELP, readArguments, UsageError } from './arguments.ts'
import { runDemo } from './demo.ts'

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

/** Exit codes: 0 as expected, 1 not as expected or failed, 2 wrong arguments, 130 and 143 stopped by a signal. */
async function main(): Promise<number> {
  const stop = new AbortController()
  let code = 1
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Once: a second signal ends the process at once.
    process.once(signal, () => {
      code = SIGNALS[signal]
      stop.abort(new Error(signal))
    })
  }
  try {
    const parsed = readArguments(process.argv.slice(2))
    if (parsed === 'help') {
      console.log(HELP)
      return 0
    }
    return (await runDemo(parsed, stop.signal)) ? 0 : 1
  } catch (error) {
    if (stop.signal.aborted) {
      console.log('Stopped. Start it again, and it continues where it is.')
      return code
    }
    if (!(error instanceof UsageError)) throw error
    console.error(`${error.message}\n\nnpm start -- --help says what there is.`)
    return 2
  }
}

process.exitCode = await main()
