import { GRACE, LATEST, RELAY } from '../plan/setting.ts'
import type { Lapse } from './lapses.ts'
import type { Ledger } from './ledger.ts'
import type { Span } from './spans.ts'

/**
 * Times in which a job whose lease had run out may have been in the hands of a process that fell: one that was about to send it, which another does again after
 * the grace, or one that had its message and was stopped before it began it. Only brokers have such hands between a job and its next claim.
 */
export function fallsAfter({ over, until }: Lapse, ledger: Ledger): readonly Span[] {
  const falls = [...ledger.lives.values()]
    .flatMap(({ troubles }) => troubles)
    .filter(({ from, to }) => from < until && (from > over || (to > over && to < Infinity)))
    .toSorted((a, b) => a.from - b.from)
  const spans: Span[] = []
  let latest = over + RELAY + LATEST
  for (const { from, to } of falls) {
    if (from > latest) break
    const back = Math.max(from + GRACE, to === Infinity ? from : to) + RELAY + LATEST
    spans.push({ from, to: back })
    latest = Math.max(latest, back)
  }
  return spans
}
