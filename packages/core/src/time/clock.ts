import type { Ms } from '../contract/job.ts'

/** The only source of time in core. Injected, so that tests and simulations decide what time it is. */
export interface Clock {
  /** Monotonic, from an arbitrary start; for durations and deadlines. */
  now(): Ms
  /** Milliseconds since 1970; for what people read. */
  date(): number
  /** Calls back once after `delay`, however long that is, and never earlier by `now`. The function it returns cancels. `background` timers do not keep the process alive. */
  schedule(delay: Ms, callback: () => void, options?: { readonly background?: boolean }): () => void
}

/** `setTimeout` fires at once beyond this. */
const LONGEST_TIMEOUT = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  schedule(delay, callback, options) {
    let timer: NodeJS.Timeout
    const end = performance.now() + Math.max(0, delay)
    // `setTimeout` counts whole milliseconds and may be early by a part of one: who then looks at the clock would find that nothing is due.
    const arm = (): void => {
      timer = setTimeout(
        () => (performance.now() < end ? arm() : callback()),
        Math.min(Math.max(0, Math.ceil(end - performance.now())), LONGEST_TIMEOUT),
      )
      if (options?.background === true) timer.unref()
    }
    arm()
    return () => clearTimeout(timer)
  },
}

/** Resolves after `delay`, or at once when the signal aborts. Never rejects. */
export function sleep(clock: Clock, delay: Ms, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.schedule(delay, done)
    signal?.addEventListener('abort', done)
  })
}
