import { parseArgs } from 'node:util'

export interface Arguments {
  readonly url: URL
  /** How many to hand in, videos among them. */
  readonly items: number
  readonly videos: number
  /** Images that cannot be read, among the items. */
  readonly damaged: number
  /** Uploads at a time. */
  readonly concurrency: number
  readonly user: string
  readonly email: string | undefined
  /** How long to wait for the outcomes. */
  readonly timeoutSeconds: number
}

/** The command line is wrong; the message says how. */
export class UsageError extends Error {}

export const HELP = `Hands many items in, waits until all are done, and tells how fast that was.

  push --items 2000 [options]

  --url URL          of the producer (http://localhost:3000)
  --items N          how many (2000)
  --videos N         of them videos; the others are images (1 %)
  --damaged N        of them images that cannot be read (0)
  --concurrency N    uploads at a time (8)
  --user NAME        whose items they are (push)
  --email ADDRESS    where the user is told, a mail for each item (nowhere)
  --timeout SECONDS  after which it is given up (600)

  TOKEN_SECRET (or TOKEN_SECRET_FILE) signs the user's token; it has the producer's default in development.

  Exit codes: 0 all items as expected, 1 not, 2 wrong arguments or configuration.`

/**
 * `help` where that was asked for.
 * @throws UsageError
 */
export function readArguments(args: readonly string[]): Arguments | 'help' {
  const { values } = parse(args)
  if (values.help === true) return 'help'
  const items = count('items', values.items, 1)
  const videos = values.videos === undefined ? Math.floor(items / 100) : count('videos', values.videos, 0)
  const damaged = count('damaged', values.damaged, 0)
  if (videos + damaged > items) throw new UsageError('--items: there are fewer than videos and damaged images')
  const url = URL.parse(values.url)
  if (url === null || !/^https?:$/.test(url.protocol)) throw new UsageError('--url: must be an http or https URL')
  return {
    url,
    items,
    videos,
    damaged,
    concurrency: count('concurrency', values.concurrency, 1),
    user: values.user,
    email: values.email,
    timeoutSeconds: count('timeout', values.timeout, 1),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        url: { type: 'string', default: 'http://localhost:3000' },
        items: { type: 'string', default: '2000' },
        videos: { type: 'string' },
        damaged: { type: 'string', default: '0' },
        concurrency: { type: 'string', default: '8' },
        user: { type: 'string', default: 'push' },
        email: { type: 'string' },
        timeout: { type: 'string', default: '600' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function count(name: string, text: string, least: number): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= least) return Number(text)
  throw new UsageError(`--${name}: ${JSON.stringify(text)} is not a whole number from ${least} to 999999`)
}
