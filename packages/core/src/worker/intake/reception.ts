import type { Attempted } from '../../retry/decide.ts'
import { JobCrashedError, UnknownJobError } from '../../errors/job-error.ts'
import { hopeless } from '../handling/attempt.ts'
import type { Settings } from '../options.ts'
import type { Run } from '../run.ts'

export interface ReceptionOptions {
  readonly settings: Pick<Settings, 'maxCrashes' | 'unknownJobs' | 'runtime'>
  /** Why nothing is taken in at the moment. */
  readonly refusing: 'paused' | 'closing' | undefined
  /** Whether there is a handler for the job. */
  readonly isKnown: boolean
}

/** What to do with a job that was just claimed: run it, run it with the care for one that has crashed, or be done with it at once. */
export function receive(
  run: Run,
  { settings, refusing, isKnown }: ReceptionOptions,
): 'run' | 'run with care' | Attempted {
  const { claimed } = run
  const { id } = claimed.lease
  if (refusing !== undefined) return { kind: 'returned', delay: 0, reason: refusing }
  // First of all: only who knows a job knows whom to notify of its end, and how long to keep it.
  if (!isKnown && settings.unknownJobs === 'leave') {
    return {
      kind: 'returned',
      delay: patience(claimed.attempt - claimed.failures - claimed.crashes, settings.runtime.random),
      reason: 'unknown',
    }
  }
  if (claimed.cancelRequested === true) return { kind: 'cancelled' }
  if (claimed.crashes >= settings.maxCrashes) return hopeless(new JobCrashedError(id, claimed.crashes))
  if (!isKnown) return hopeless(new UnknownJobError(id, claimed.name))
  return claimed.crashes > 0 ? 'run with care' : 'run'
}

/** A job that nobody here knows comes by ever more rarely: after 1 s, 2 s … 30 s, less up to half of it by chance. */
function patience(visits: number, random: () => number): number {
  const longest = Math.min(30_000, 1_000 * 2 ** Math.min(visits - 1, 5))
  return Math.round(longest * (1 - random() / 2))
}
