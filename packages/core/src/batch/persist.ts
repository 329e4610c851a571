import type { Ms } from '../contract/job.ts'
import { isBackendFailure } from '../errors/backend-error.ts'
import { sleep, type Clock } from '../time/clock.ts'

export interface Persistence {
  readonly clock: Clock
  readonly random: () => number
  /** No new try begins so long after the first. */
  readonly horizon: Ms
  readonly signal?: AbortSignal
  /** Default: failures that may pass by themselves. */
  readonly retryable?: (error: unknown) => boolean
}

/**
 * Repeats a call that is idempotent, by its ids and tokens, until it succeeds, fails for good or the horizon is reached. Waits between the tries
 * double from 50 ms to 1 s, each less up to half of it by chance. Rejects with the last error.
 */
export async function persist<Reply>(call: () => Promise<Reply>, options: Persistence): Promise<Reply> {
  const { clock, random, horizon, signal, retryable = isPassing } = options
  const start = clock.now()
  for (let wait = 50; ; wait = Math.min(1_000, wait * 2)) {
    try {
      return await call()
    } catch (error) {
      const pause = wait * (1 - random() / 2)
      if (!retryable(error) || signal?.aborted === true || clock.now() + pause - start > horizon) throw error
      await sleep(clock, pause, signal)
    }
  }
}

/** Out of reach, or asked to slow down. A full backend is not asked again: that would only keep its callers waiting. */
export function isPassing(error: unknown): boolean {
  return isBackendFailure(error) && error.retryable && error.code !== 'full'
}
