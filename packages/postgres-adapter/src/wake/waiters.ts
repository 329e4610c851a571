import { systemClock, type ClaimedJob, type Ms, type NewJob } from '@jobport/core/adapter'
import type { Request } from '../claims.ts'

type Jobs = readonly ClaimedJob[]

/** A claim that waits for a first job. */
export interface Waiter {
  readonly request: Request
  /** Ends its waiting, with jobs that were claimed for it or none. */
  readonly wake: (jobs?: Jobs | Promise<Jobs>) => void
}

const NO_JOBS: Jobs = []

/** The claims that wait for a first job. Their timers keep the process alive. */
export class Waiters {
  readonly #waiting = new Set<Waiter>()
  readonly #stirs = new Map<string, number>()
  #allStirs = 0

  /** Grows whenever something happens in the queue: whoever looked before that must look again instead of waiting. */
  stirs(queue: string): number {
    return (this.#stirs.get(queue) ?? 0) + this.#allStirs
  }

  /**
   * Resolves when something has happened in the queue since `stirs` was read, `atMost` is over or the signal aborts; with the jobs that were claimed meanwhile for
   * whom waits.
   */
  wait(request: Request, stirs: number, atMost: Ms, signal: AbortSignal): Promise<Jobs> {
    if (signal.aborted || this.stirs(request.queue) !== stirs) return Promise.resolve(NO_JOBS)
    return new Promise((resolve) => {
      const leave = (): void => {
        cancel()
        signal.removeEventListener('abort', end)
        this.#waiting.delete(waiter)
      }
      const end = (): void => waiter.wake()
      const waiter: Waiter = {
        request,
        wake(jobs = NO_JOBS) {
          leave()
          resolve(jobs)
        },
      }
      const cancel = systemClock.schedule(atMost, end)
      signal.addEventListener('abort', end)
      this.#waiting.add(waiter)
    })
  }

  /** One that waits for a queue of these jobs. */
  find(jobs: readonly Pick<NewJob, 'queue'>[]): Waiter | undefined {
    for (const waiter of this.#waiting) {
      if (jobs.some(({ queue }) => queue === waiter.request.queue)) return waiter
    }
    return undefined
  }

  /** Wakes those of a queue. */
  wake(queue: string): void {
    this.#stirs.set(queue, (this.#stirs.get(queue) ?? 0) + 1)
    for (const waiter of this.#waiting) if (waiter.request.queue === queue) waiter.wake()
  }

  wakeAll(): void {
    this.#allStirs++
    for (const { wake } of this.#waiting) wake()
  }
}
