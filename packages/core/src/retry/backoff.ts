import type { Ms } from '../contract/job.ts'
import { OptionError } from '../errors/option-error.ts'
import { toMs, toPositiveMs, type Duration } from '../time/duration.ts'

/**
 * How long to wait before the next attempt, as data: it travels with a job. After failure n (from 1) the delay is `initial` (fixed),
 * `initial + (n - 1) * step` (linear) or `initial * factor^(n - 1)` (exponential), at most `max`, less a random part of up to `jitter`.
 */
export type Backoff =
  | { readonly kind: 'fixed'; readonly initial: Ms; readonly jitter: number }
  | { readonly kind: 'linear'; readonly initial: Ms; readonly step: Ms; readonly max: Ms; readonly jitter: number }
  | {
      readonly kind: 'exponential'
      readonly initial: Ms
      readonly factor: number
      readonly max: Ms
      readonly jitter: number
    }

/** A backoff of one's own, called at the worker. `failures` counts the one that just happened. */
export type BackoffFunction = (failure: { readonly failures: number; readonly error: unknown }) => Duration

interface Jittered {
  /** The share of the delay, 0 to 1, that chance may take off, so that jobs which failed together do not come back together. */
  readonly jitter?: number
}

/** The same delay after every failure. Default jitter: 0. */
export function fixed(delay: Duration, options: Jittered = {}): Backoff {
  return { kind: 'fixed', initial: toMs(delay, 'backoff.delay'), jitter: share(options.jitter ?? 0) }
}

/** Defaults: `step` = `initial`, `max` 1 h, jitter 0. */
export function linear(
  options: Jittered & { readonly initial: Duration; readonly step?: Duration; readonly max?: Duration },
): Backoff {
  return {
    kind: 'linear',
    initial: toMs(options.initial, 'backoff.initial'),
    step: toMs(options.step ?? options.initial, 'backoff.step'),
    max: toMs(options.max ?? '1h', 'backoff.max'),
    jitter: share(options.jitter ?? 0),
  }
}

/**
 * Defaults: `initial` 1 s, `factor` 2, `max` 1 h, jitter 0.5 (between half of the delay and all of it: "equal jitter" in Marc Brooker,
 * "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 */
export function exponential(
  options: Jittered & { readonly initial?: Duration; readonly factor?: number; readonly max?: Duration } = {},
): Backoff {
  const factor = options.factor ?? 2
  if (!(factor >= 1 && Number.isFinite(factor)))
    throw new OptionError('backoff.factor', `${factor} is not a number from 1 up`)
  return {
    kind: 'exponential',
    initial: toPositiveMs(options.initial ?? '1s', 'backoff.initial'),
    factor,
    max: toMs(options.max ?? '1h', 'backoff.max'),
    jitter: share(options.jitter ?? 0.5),
  }
}

/** The delay after failure number `failures` (from 1). `random` gives numbers from 0 to below 1. */
export function delayAfter(backoff: Backoff, failures: number, random: () => number): Ms {
  const delay = delayBeforeJitter(backoff, Math.max(1, failures) - 1)
  return Math.round(backoff.jitter === 0 ? delay : delay * (1 - backoff.jitter * random()))
}

function delayBeforeJitter(backoff: Backoff, earlier: number): Ms {
  switch (backoff.kind) {
    case 'fixed':
      return backoff.initial
    case 'linear':
      return Math.min(backoff.max, backoff.initial + earlier * backoff.step)
    case 'exponential':
      return Math.min(backoff.max, backoff.initial * backoff.factor ** earlier)
  }
}

/** The longest delay that a backoff can ask for. */
export function longestDelay(backoff: Backoff): Ms {
  return backoff.kind === 'fixed' ? backoff.initial : backoff.max
}

function share(jitter: number): number {
  if (jitter >= 0 && jitter <= 1) return jitter
  throw new OptionError('backoff.jitter', `${jitter} is not a share; give a number from 0 to 1`)
}
