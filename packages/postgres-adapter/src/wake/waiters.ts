import { systemClock, type Ms } from '@jobport/core/adapter'

interface Waiter {
  readonly queue: string
  readonly wake: () => void
}

/** The claims that wait for a first job. Their timers keep the process alive. */
export class Waiters {
  readonly #waiting = new Set<Waiter>()
  readonly #stirs = new Map<string, number>()
  #allStirs = 0

  /** Grows whenever something happens in the queue: whoever looked before that must look again instead of waiting. */
  stirs(queue: string): number {
    return (this.#stirs.get(queue) ?? 0) + this.#allStirs
  }

  /** Resolves when something has happened in the queue since `stirs` was read, `atMost` is over or the signal aborts. */
  wait(queue: string, stirs: number, atMost: Ms, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.stirs(queue) !== stirs) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel()
        signal.removeEventListener('abort', wake)
        this.#waiting.delete(waiter)
        resolve()
      }
      const waiter: Waiter = { queue, wake }
      const cancel = systemClock.schedule(atMost, wake)
      signal.addEventListener('abort', wake)
      this.#waiting.add(waiter)
    })
  }

  /** Wakes those of a queue. */
  wake(queue: string): void {
    this.#stirs.set(queue, (this.#stirs.get(queue) ?? 0) + 1)
    for (const waiter of this.#waiting) if (waiter.queue === queue) waiter.wake()
  }

  wakeAll(): void {
    this.#allStirs++
    for (const { wake } of this.#waiting) wake()
  }
}
