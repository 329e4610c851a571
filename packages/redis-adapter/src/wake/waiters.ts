import { systemClock, type Ms } from '@jobport/core/adapter'

/** One claim that waits for work. */
export class Seat {
  #woken = false
  #wake: (() => void) | undefined

  /** Forgets what was told before. To be called before one looks for oneself. */
  settle(): void {
    this.#woken = false
  }

  wake(): void {
    this.#woken = true
    this.#wake?.()
  }

  /** Resolves when it is woken, after `atMost`, or when the signal aborts. */
  news(atMost: Ms, signal: AbortSignal): Promise<void> {
    if (this.#woken || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        cancel()
        signal.removeEventListener('abort', done)
        this.#wake = undefined
        resolve()
      }
      const cancel = systemClock.schedule(atMost, done)
      signal.addEventListener('abort', done)
      this.#wake = done
    })
  }
}

/** The claims of this instance that wait, by queue. */
export class Waiters {
  readonly #seats = new Map<string, Set<Seat>>()
  /** Queues for which the server has this instance on its list. */
  readonly #listed = new Set<string>()

  sit(queue: string): Seat {
    const seat = new Seat()
    const seats = this.#seats.get(queue)
    if (seats === undefined) this.#seats.set(queue, new Set([seat]))
    else seats.add(seat)
    return seat
  }

  rise(queue: string, seat: Seat): void {
    const seats = this.#seats.get(queue)
    seats?.delete(seat)
    if (seats?.size === 0) this.#seats.delete(queue)
  }

  count(queue: string): number {
    return this.#seats.get(queue)?.size ?? 0
  }

  list(queue: string, listed: boolean): void {
    if (listed) this.#listed.add(queue)
    else this.#listed.delete(queue)
  }

  isListed(queue: string): boolean {
    return this.#listed.has(queue)
  }

  /** Wakes those of a queue, or all. */
  wake(queue?: string): void {
    for (const [name, seats] of this.#seats) {
      if (queue !== undefined && name !== queue) continue
      for (const seat of seats) seat.wake()
    }
  }
}
