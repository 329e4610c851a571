import type { HistoryEvent } from '../history/event.ts'
import type { Recovery } from '../judge/figures.ts'
import type { Violation } from '../judge/judge.ts'
import { promisesOn } from '../judge/promises.ts'
import { recovery as promisedRecovery } from '../judge/promises/recovery.ts'
import { latestRecovery, type BackendName } from '../plan/setting.ts'
import type { Outcome } from '../run-chaos.ts'

const SHOWN = 3
const LONGEST = 60

/** What a run amounted to, and what is wrong with it. */
export function report({ setting, history, judgement, seconds }: Outcome): string {
  const { violations, figures } = judgement
  const { recovery } = figures
  return [
    `${setting.jobs} jobs on ${setting.backend}, with what followed from them: ${list(figures.outcomes)}`,
    `${setting.kills} incidents: ${list(figures.inflicted)}`,
    `${figures.attempts} attempts; ${figures.lapses} leases ran out, ${figures.crashes} counted as crashes; ${figures.refused} settlements came too late and were refused; ${figures.repeats} repeated enqueues were recognised`,
    `recovery: ${describeRecovery(recovery, setting.backend)}`,
    ...violations
      .slice(0, SHOWN)
      .flatMap((violation) => ['', ...describeViolation(violation, setting.backend, history)]),
    '',
    violations.length === 0
      ? `Every promise was kept, in ${seconds.toFixed()} s.`
      : `${violations.length} times a promise was broken: ${list(countsOf(violations))}.`,
    `Again: npm run -s chaos -- ${setting.backend} --jobs ${setting.jobs} --kills ${setting.kills} --seed ${setting.seed}${setting.mutant ? ` --mutant ${setting.mutant}` : ''}`,
  ].join('\n')
}

function describeRecovery({ median, longest, again }: Recovery, backend: BackendName): string {
  const isPromised = promisesOn(backend).includes(promisedRecovery)
  const bound = isPromised ? `, of ${latestRecovery(backend)}` : '; nothing is promised'
  const told = `median ${median.toFixed()} ms, longest ${longest.toFixed()} ms${bound}`
  if (again.count === 0) return told
  return `${told}; ${again.count} took up to ${again.longest.toFixed()} ms, since a process fell that was to send the job again or had its message`
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ')
}

function describeViolation(
  { promise, how, jobs }: Violation,
  backend: BackendName,
  history: readonly HistoryEvent[],
): readonly string[] {
  const says = promisesOn(backend).find(({ name }) => name === promise)!.says
  const concerned = history.filter((event) => jobs.some((job) => mentions(event, job)))
  const processes = new Set(concerned.map(({ by }) => by))
  const inflicted = history.filter((event) => 'process' in event && processes.has(event.process))
  const told = [...concerned, ...inflicted].toSorted((a, b) => a.at - b.at)
  return [
    `The promise of ${promise} is broken: ${says}`,
    `  ${how}`,
    ...told.slice(-LONGEST).map((event) => describe(event, jobs)),
  ]
}

function mentions(event: HistoryEvent, job: string): boolean {
  if (event.type === 'settled') return false
  return JSON.stringify(event).includes(`"${job}"`)
}

/** One event for people; of a batch, only what concerns these jobs. */
function describe({ at, by, type, ...rest }: HistoryEvent, jobs: readonly string[]): string {
  const facts = Object.entries(rest).map(([key, value]) => `${key} ${JSON.stringify(concerning(value, jobs))}`)
  return `${at.toFixed().padStart(8)} ms  ${by.padEnd(12)} ${type.padEnd(9)} ${facts.join(' · ')}`
}

function concerning(value: unknown, jobs: readonly string[]): unknown {
  if (!Array.isArray(value)) return value
  return value.filter((item) => jobs.some((job) => JSON.stringify(item).includes(`"${job}"`)))
}

function countsOf(violations: readonly Violation[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { promise } of violations) counts[promise] = (counts[promise] ?? 0) + 1
  return counts
}
