import type { Encoded, FinalState, Ms } from '../contract/job.ts'
import { checkKnown } from '../definition/known-options.ts'
import { OptionError } from '../errors/option-error.ts'
import { toMs, toPositiveMs, type Duration } from '../time/duration.ts'
import { exponential, type Backoff, type BackoffFunction } from './backoff.ts'

/** What a definition says of failing. */
export interface RetryOptions {
  /** Attempts after the first. Default 5: a job fails at most 6 times. 0: never again. */
  readonly retries?: number
  /** Default `exponential()`: 1 s, 2 s, 4 s … at most 1 h, each less up to half of it by chance. */
  readonly backoff?: Backoff | BackoffFunction
  /** Decides by the error, before the backoff is asked: `'dead'`, `'retry'`, or a delay of its own. `undefined` leaves it to the policy. */
  readonly onError?: (
    error: unknown,
    failure: { readonly failures: number },
  ) => 'dead' | 'retry' | { readonly after: Duration } | undefined
}

/** One duration for every final state, or one for each. 0 drops the record at once. */
export type KeepOptions = Duration | { readonly [State in FinalState]?: Duration }

/** The overrides that travel with one job. A function cannot travel, so the backoff is data. */
export interface JobPolicyOptions {
  readonly retry?: { readonly retries?: number; readonly backoff?: Backoff }
  readonly timeout?: Duration
  readonly keep?: KeepOptions
}

/** A definition's rules, resolved. */
export interface Policy {
  readonly retries: number
  readonly backoff: Backoff | BackoffFunction
  readonly onError: RetryOptions['onError'] | undefined
  readonly timeout: Ms | undefined
  readonly keep: Keep
}

export type Keep = Readonly<Record<FinalState, Ms>>

export function toPolicy(
  options: { readonly retry?: RetryOptions; readonly timeout?: Duration; readonly keep?: KeepOptions },
  hasOutput: boolean,
): Policy {
  if (options.retry !== undefined) checkKnown(options.retry, ['retries', 'backoff', 'onError'], 'retry')
  return {
    retries: checkRetries(options.retry?.retries ?? 5),
    backoff: options.retry?.backoff ?? exponential(),
    onError: options.retry?.onError,
    timeout: options.timeout === undefined ? undefined : toPositiveMs(options.timeout, 'timeout'),
    keep: {
      // A result is there to be read; without one only the record's state could be, and soon nobody asks.
      completed: hasOutput ? 3_600_000 : 120_000,
      dead: 14 * 86_400_000,
      cancelled: 3_600_000,
      ...toKeep(options.keep),
    },
  }
}

/** The overrides of one job as text; `undefined` when there are none. */
export function encodePolicy(options: JobPolicyOptions): Encoded | undefined {
  if (options.retry !== undefined) checkKnown(options.retry, ['retries', 'backoff'], 'retry')
  const overrides = {
    ...(options.retry?.retries !== undefined && { retries: checkRetries(options.retry.retries) }),
    ...(options.retry?.backoff !== undefined && { backoff: checkBackoff(options.retry.backoff) }),
    ...(options.timeout !== undefined && { timeout: toPositiveMs(options.timeout, 'timeout') }),
    ...(options.keep !== undefined && { keep: toKeep(options.keep) }),
  }
  return Object.keys(overrides).length === 0 ? undefined : JSON.stringify(overrides)
}

/** The definition's policy with the job's own overrides. */
export function policyOf(policy: Policy, overrides: Encoded | undefined): Policy {
  if (overrides === undefined) return policy
  const parsed = JSON.parse(overrides) as Partial<Omit<Policy, 'keep'>> & { readonly keep?: Partial<Keep> }
  return { ...policy, ...parsed, keep: { ...policy.keep, ...parsed.keep } }
}

function toKeep(options: KeepOptions | undefined): Partial<Keep> {
  if (options === undefined) return {}
  if (typeof options !== 'object') {
    const keep = toMs(options, 'keep')
    return { completed: keep, dead: keep, cancelled: keep }
  }
  checkKnown(options, ['completed', 'dead', 'cancelled'], 'keep')
  return Object.fromEntries(
    (['completed', 'dead', 'cancelled'] as const).flatMap((state) => {
      const keep = options[state]
      return keep === undefined ? [] : [[state, toMs(keep, `keep.${state}`)]]
    }),
  )
}

function checkRetries(retries: number): number {
  if (Number.isInteger(retries) && retries >= 0) return retries
  throw new OptionError('retry.retries', `${retries} is not a number of retries; give an integer from 0 up`)
}

function checkBackoff(backoff: Backoff): Backoff {
  if (typeof backoff === 'object') return backoff
  throw new OptionError(
    'retry.backoff',
    'a function cannot travel with a job; give fixed(), linear() or exponential(), or set it in the definition',
  )
}
