import { systemClock, type Ms } from '@jobport/core/adapter'

interface Waiter {
  readonly queue: string
  readonly wake: () => void
}

/** The claims that wait for a first job. Their timers keep the process alive. */
export class Waiters {
  readonly #waiting = new Set<Waiter>()
  readonly #changed: () => void

  /** `changed`: told when the first begins and when the last has ended. */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Resolves when something has happened in the queue, `atMost` is over or the signal aborts. */
  wait(queue: string, atMost: Ms, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel()
        signal.removeEventListener('abort', wake)
        this.#waiting.delete(waiter)
        if (this.#waiting.size === 0) this.#changed()
        resolve()
      }
      const waiter: Waiter = { queue, wake }
      const cancel = systemClock.schedule(atMost, wake)
      signal.addEventListener('abort', wake)
      this.#waiting.add(waiter)
      if (this.#waiting.size === 1) this.#changed()
    })
  }

  /** Wakes those of some queues, or all. */
  wake(queues?: ReadonlySet<string>): void {
    for (const { queue, wake } of this.#waiting) if (queues === undefined || queues.has(queue)) wake()
  }
}
