import type { AddressGuard } from '@jobport/notifier'
import type { Hop, Report } from '../report/report.ts'
import { redirectedUrl } from '../url/checkable-url.ts'
import { exchange, type Exchange } from './exchange.ts'
import { rounded } from './stopwatch.ts'
import { tooManyRedirects, tooSlow, troubleOf, type Trouble } from './trouble.ts'

/** Browsers give up at 20; whoever needs more than half of that goes round in circles. */
const MOST_REDIRECTS = 10
const REDIRECTS: ReadonlySet<number | null> = new Set([301, 302, 303, 307, 308])

export interface CheckOptions {
  /** Which addresses may be connected to. */
  readonly guard: AddressGuard
  /** For the whole check, in milliseconds. */
  readonly timeout: number
  readonly signal: AbortSignal
}

export interface Finding {
  readonly report: Report
  /** There was no answer, and there may be one another time. */
  readonly isPassing: boolean
}

/**
 * Requests a URL and follows its redirects; every address on the way is checked before anything connects to it. Whatever comes back is a finding, an error
 * status or no answer at all too.
 * @throws the reason of the signal, when it aborts.
 */
export async function checkUrl(url: string, { guard, timeout, signal }: CheckOptions): Promise<Finding> {
  const started = performance.now()
  const late = AbortSignal.timeout(timeout)
  const stop = AbortSignal.any([signal, late])
  const hops: Hop[] = []
  const finding = (last: Exchange, trouble?: Trouble): Finding => ({
    report: {
      outcome: trouble?.outcome ?? 'answered',
      status: last.hop.status,
      ms: rounded(performance.now() - started),
      hops,
      title: trouble === undefined ? last.title : null,
      certificate: last.certificate,
      error: trouble === undefined ? null : { code: trouble.code, message: trouble.message },
    },
    isPassing: trouble?.isPassing ?? false,
  })

  for (let next = new URL(url); ;) {
    const last = await exchange(next, guard, stop)
    signal.throwIfAborted()
    hops.push(last.hop)
    if (last.error !== undefined) return finding(last, late.aborted ? tooSlow : troubleOf(last.error))
    if (last.location === undefined || !REDIRECTS.has(last.hop.status)) return finding(last)
    if (hops.length > MOST_REDIRECTS) return finding(last, tooManyRedirects)
    try {
      next = redirectedUrl(last.location, next)
    } catch (error) {
      return finding(last, troubleOf(error))
    }
  }
}
