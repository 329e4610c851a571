import { parseArgs } from 'node:util'

export interface LoadArguments {
  readonly url: string
  /** Calls a second, one step after the other. */
  readonly rates: readonly number[]
  /** How long each step lasts. */
  readonly seconds: number
  /** Messages in one call. */
  readonly bulk: number
  /** Where the processor shows its metrics. */
  readonly processor: string | undefined
}

export const USAGE = `Offers calls to a writer at fixed rates, whether it answers or not, and says what became of them.

  node dist/main/load.js [--url http://localhost:3000] [--rates 100,200,400] [--seconds 10] [--bulk 1]
                         [--processor http://localhost:9464]

  --bulk       messages in one call; more than 1 goes to /messages/bulk
  --processor  waits until the queue is empty, and says at which rate messages were processed
`

/** @throws Error that says what is wrong with them */
export function readArguments(args: readonly string[]): LoadArguments | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string', default: 'http://localhost:3000' },
      rates: { type: 'string', default: '100,200,400' },
      seconds: { type: 'string', default: '10' },
      bulk: { type: 'string', default: '1' },
      processor: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  if (!URL.canParse(values.url)) throw new Error('--url must be a URL')
  return {
    url: values.url,
    rates: values.rates.split(',').map((rate) => whole(rate, '--rates', 100_000)),
    seconds: whole(values.seconds, '--seconds', 3_600),
    bulk: whole(values.bulk, '--bulk', 1_000),
    processor: values.processor,
  }
}

function whole(text: string, option: string, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new Error(`${option} must be whole numbers from 1 to ${most}`)
}
