import type { Ms } from '../contract/job.ts'
import type { Clock } from '../time/clock.ts'

/** Lets a caller wait until something is so, for a bounded time; whoever changes something calls `check`. */
export class Waiting {
  readonly #clock: Clock
  readonly #waits = new Set<{ readonly condition: () => boolean; readonly done: () => void }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when `condition` holds, after `timeout`, or when the signal aborts. */
  until(condition: () => boolean, timeout: Ms, signal?: AbortSignal): Promise<void> {
    if (condition() || signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        cancel()
        this.#waits.delete(wait)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const wait = { condition, done }
      const cancel = this.#clock.schedule(timeout, done)
      this.#waits.add(wait)
      signal?.addEventListener('abort', done)
    })
  }

  check(): void {
    if (this.#waits.size === 0) return
    for (const { condition, done } of this.#waits) if (condition()) done()
  }
}
