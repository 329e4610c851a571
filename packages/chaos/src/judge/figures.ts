import type { Ms } from '@jobport/core'
import type { HistoryEvent } from '../history/event.ts'
import { type BackendName, isBroker, latestRecovery } from '../plan/setting.ts'
import { fallsAfter } from './falls.ts'
import { type Lapse, lapsesOf } from './lapses.ts'
import { isTroubled, type Ledger, sentOutcome, verdictOn } from './ledger.ts'

/** What a run amounted to, for people. */
export interface Figures {
  readonly outcomes: Readonly<Record<string, number>>
  /** What was done, by kind. */
  readonly inflicted: Readonly<Record<string, number>>
  readonly attempts: number
  readonly crashes: number
  /** Leases that ran out and were followed by another claim. */
  readonly lapses: number
  /** Settlements of attempts that had lost their job, and were told so. */
  readonly refused: number
  /** Enqueues that were answered by the job itself, which was there already. */
  readonly repeats: number
  /** From the fall of a job's holder to the next claim, where the server was well, less the time in which no worker was there to ask. */
  readonly recovery: Recovery
}

export interface Recovery {
  readonly median: Ms
  readonly longest: Ms
  /** Those that took longer than they may, since a process fell that had the job in hand between a store and a broker: how many, and the longest. */
  readonly again: { readonly count: number; readonly longest: Ms }
}

export function figuresOf(ledger: Ledger, history: readonly HistoryEvent[], backend: BackendName): Figures {
  const outcomes: Record<string, number> = {}
  const inflicted: Record<string, number> = {}
  let [attempts, crashes, refused, repeats] = [0, 0, 0, 0]
  for (const job of ledger.jobs.values()) {
    const outcome = job.record?.state ?? sentOutcome(job)
    if (outcome !== undefined) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    attempts += job.attempts.length
    crashes += job.record?.crashes ?? job.attempts.at(-1)?.crashes ?? 0
    refused += job.attempts.filter((attempt) => verdictOn(attempt) === 'lost').length
    repeats += job.enqueues.filter(({ of }) => of === job.id).length
  }
  for (const event of history) {
    if (event.type === 'calm') break
    const kind =
      event.type === 'trouble' ? event.what : 'process' in event ? `${event.type} ${roleOf(event.process)}` : undefined
    if (kind === undefined || /^(spawn|exit|continue)/.test(kind)) continue
    inflicted[kind] = (inflicted[kind] ?? 0) + 1
  }
  const lapses = lapsesOf(ledger)
  const recovery = recoveryOf(lapses, ledger, backend)
  return { outcomes, inflicted, attempts, crashes, lapses: lapses.length, refused, repeats, recovery }
}

function recoveryOf(lapses: readonly Lapse[], ledger: Ledger, backend: BackendName): Recovery {
  const [plain, again]: [Ms[], Ms[]] = [[], []]
  for (const lapse of lapses) {
    const time = timeOf(lapse, ledger)
    if (time === undefined) continue
    const hasFallen = isBroker(backend) && time > latestRecovery(backend) && fallsAfter(lapse, ledger).length > 0
    ;(hasFallen ? again : plain).push(time)
  }
  const sorted = plain.toSorted((a, b) => a - b)
  return {
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    longest: sorted.at(-1) ?? 0,
    again: { count: again.length, longest: Math.max(0, ...again) },
  }
}

/** From the fall of the holder to the next claim, less the time in which nobody asked for jobs. */
function timeOf({ attempt, befell, over, until }: Lapse, ledger: Ledger): Ms | undefined {
  if (befell === undefined || befell < attempt.at || isTroubled(ledger.troubles, attempt.since, until)) return undefined
  const asking = ledger.claims
    .filter(({ queue, at }) => queue === attempt.queue && at >= over)
    .map(({ since }) => since)
  return until - befell - Math.max(0, Math.min(...asking) - over)
}

function roleOf(process: string): string {
  return process.split('-')[0]!
}
