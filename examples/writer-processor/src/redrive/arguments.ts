import { parseArgs } from 'node:util'

export interface RedriveArguments {
  /** List only. */
  readonly dryRun: boolean
  /** Messages to list and to send back, at most. */
  readonly limit: number
  /** A line of JSON for each message, for programs. */
  readonly json: boolean
}

export const USAGE = `Lists the dead letters with their errors, and sends them back to work.

  node dist/main/redrive.js [--dry-run] [--limit 100] [--json]

  --dry-run  list them, and leave them where they are
  --limit    at most so many (100)
  --json     a line of JSON for each
`

/** @throws Error that says what is wrong with them */
export function readArguments(args: readonly string[]): RedriveArguments | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      limit: { type: 'string', default: '100' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  if (!/^[1-9]\d{0,5}$/.test(values.limit)) throw new Error('--limit must be a whole number from 1 to 999999')
  return { dryRun: values['dry-run'], limit: Number(values.limit), json: values.json }
}
