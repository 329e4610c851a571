import type { HistoryEvent } from '../history/event.ts'
import type { Violation } from '../judge/judge.ts'

/** What befalls a process, besides what it does to a job. */
const BEFALLS = new Set([
  'spawn',
  'crash',
  'stop',
  'continue',
  'cut',
  'heal',
  'lost',
  'closing',
  'closed',
  'concurrency',
])
const LONGEST = 40

/** What a history tells of the jobs and processes that a broken promise concerns, up to the moment when it was broken. */
export function excerpt(
  history: readonly HistoryEvent[],
  { event, jobs, processes }: Violation,
): readonly HistoryEvent[] {
  const about = new Set(jobs)
  const upTo = history.slice(0, event + 1)
  const first = about.size === 0 ? 0 : upTo.findIndex((each) => 'id' in each && about.has(each.id))
  const involved = new Set(processes)
  for (const each of upTo) if ('id' in each && about.has(each.id) && 'by' in each) involved.add(each.by)
  const relevant = upTo.filter(
    (each, index) =>
      ('id' in each && about.has(each.id)) ||
      (index >= first && 'by' in each && involved.has(each.by) && BEFALLS.has(each.type)),
  )
  return relevant.slice(-LONGEST)
}

/** One event for people: when, who, what, and the rest. */
export function describe({ at, type, ...rest }: HistoryEvent): string {
  const { by = '', ...facts } = rest as Readonly<Record<string, unknown>>
  const told = Object.entries(facts).map(
    ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return `${String(at).padStart(7)} ms  ${String(by).padEnd(9)} ${type.padEnd(9)} ${told.join(' · ')}`
}
