import type { ClaimedJob } from '../../contract/job.ts'
import { makeDefinition, type JobDefinition } from '../../definition/define-job.ts'
import { type } from '../../definition/schema.ts'
import type { Attempted } from '../../retry/decide.ts'
import { policyOf, type Policy } from '../../retry/policy.ts'
import { JobCrashedError, UnknownJobError } from '../../errors/job-error.ts'
import { hopeless } from '../handling/attempt.ts'
import type { OneHandler } from '../handling/handler.ts'
import type { Settings } from '../options.ts'

/** What to do with a job that was just claimed: run it, run it with the care for one that has crashed, or be done with it at once. */
export function receive(
  claimed: ClaimedJob,
  isKnown: boolean,
  settings: Pick<Settings, 'maxCrashes' | 'unknownJobs' | 'runtime'>,
): 'run' | 'run with care' | Attempted {
  const { id } = claimed.lease
  // First of all: only who knows a job knows whom to notify of its end, and how long to keep it.
  if (!isKnown && settings.unknownJobs === 'leave') {
    const visits = claimed.attempt - claimed.failures - claimed.crashes
    return { kind: 'returned', delay: patience(visits, settings.runtime.random), reason: 'unknown' }
  }
  if (claimed.cancelRequested === true) return { kind: 'cancelled' }
  if (claimed.crashes >= settings.maxCrashes) return hopeless(new JobCrashedError(id, claimed.crashes))
  if (!isKnown) return hopeless(new UnknownJobError(id, claimed.name))
  return claimed.crashes > 0 ? 'run with care' : 'run'
}

/**
 * A job that nobody here knows comes by ever more rarely: after 1 s, 1.5 s … 30 s, less up to half of it by chance. Who knows it may be at work beside those
 * who do not, and has one chance in so many each time, so the first times come soon.
 */
function patience(visits: number, random: () => number): number {
  const longest = Math.min(30_000, 1_000 * 1.5 ** (visits - 1))
  return Math.round(longest * (1 - random() / 2))
}

/** `undefined` when someone else has written what stands there. */
export function readPolicy(definition: JobDefinition, job: ClaimedJob): Policy | undefined {
  try {
    return policyOf(definition.policy, job.policy)
  } catch {
    return undefined
  }
}

/** Stands in for the handler of a job that nobody here knows. */
export function stranger({ name }: ClaimedJob): OneHandler {
  return { kind: 'one', definition: makeDefinition(name, { input: type() }), run: () => undefined }
}
