import type { ClaimedJob, Encoded, Ms } from '../contract/job.ts'
import type { Settlement } from '../contract/settlement.ts'
import { BackendError } from '../errors/backend-error.ts'
import { InvalidValueError } from '../errors/schema-error.ts'
import { toMs } from '../time/duration.ts'
import { delayAfter } from './backoff.ts'
import { isA, RetryLater, Unrecoverable } from './control.ts'
import type { Policy } from './policy.ts'

/** How one attempt ended. */
export type Attempted =
  | { readonly kind: 'completed'; readonly result?: Encoded }
  /** `error` is what was thrown, `encoded` its description. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly encoded: Encoded }
  /** It can never succeed: crashed too often, unreadable, unknown. */
  | { readonly kind: 'hopeless'; readonly error: unknown; readonly encoded: Encoded }
  | { readonly kind: 'cancelled' }
  /** Not its fault: a snooze, a closing worker, a job left for someone else. */
  | { readonly kind: 'returned'; readonly delay: Ms; readonly reason: ReturnReason }

/**
 * `closing`, `paused`: the worker stops. `unknown`: left for a worker that knows the name. `ahead`: claimed ahead, but the work before it
 * took long. `suspect`: see `Quarantine`. `lost`: the lease could not be extended in time, so the handler was told to stop.
 */
export type ReturnReason = 'snoozed' | 'closing' | 'paused' | 'unknown' | 'ahead' | 'suspect' | 'lost'

/** The whole retry semantics of the library. Pure, so it is tested by table. */
export function decide(
  job: Pick<ClaimedJob, 'lease' | 'failures'>,
  policy: Policy,
  attempted: Attempted,
  random: () => number,
): Settlement {
  const { lease } = job
  switch (attempted.kind) {
    case 'completed':
      return attempted.result === undefined
        ? { lease, to: 'completed', keep: policy.keep.completed }
        : { lease, to: 'completed', result: attempted.result, keep: policy.keep.completed }
    case 'cancelled':
      return { lease, to: 'cancelled', keep: policy.keep.cancelled }
    case 'returned':
      return { lease, to: 'waiting', delay: attempted.delay, counts: 'nothing' }
    case 'hopeless':
      return { lease, to: 'dead', error: attempted.encoded, keep: policy.keep.dead }
    case 'failed': {
      const failures = job.failures + 1
      const delay = failures > policy.retries ? undefined : retryDelay(policy, failures, attempted.error, random)
      return delay === undefined
        ? { lease, to: 'dead', error: attempted.encoded, keep: policy.keep.dead }
        : { lease, to: 'waiting', delay, error: attempted.encoded, counts: 'failure' }
    }
  }
}

/** What the backend can never accept as it is, another attempt cannot mend. */
function isTooLarge(error: unknown): boolean {
  return isA(error, BackendError) && error.code === 'too-large'
}

/** How long until the next attempt; `undefined` when there must be none. A policy's own function that throws leaves it to the default. */
function retryDelay(policy: Policy, failures: number, error: unknown, random: () => number): Ms | undefined {
  if (isA(error, Unrecoverable) || isA(error, InvalidValueError) || isTooLarge(error)) return undefined
  if (isA(error, RetryLater)) return error.delay
  try {
    const verdict = policy.onError?.(error, { failures })
    if (verdict === 'dead') return undefined
    if (typeof verdict === 'object') return toMs(verdict.after, 'retry.onError')
    if (typeof policy.backoff === 'function') return toMs(policy.backoff({ failures, error }), 'retry.backoff')
    return delayAfter(policy.backoff, failures, random)
  } catch {
    return delayAfter(FALLBACK, failures, random)
  }
}

const FALLBACK = { kind: 'exponential', initial: 1_000, factor: 2, max: 3_600_000, jitter: 0.5 } as const
