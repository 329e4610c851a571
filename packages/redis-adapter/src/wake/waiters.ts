import { claimId, systemClock, type ClaimedJob, type Ms } from '@jobport/core/adapter'

/** One claim that waits for work. */
export class Seat {
  /** What the server knows it by, if it may. It is another each time that it asks. */
  offer: string | undefined
  #isTold = false
  #handed: ClaimedJob | undefined
  #wake: (() => void) | undefined

  /** Whether it was told by name since it asked: the server does not know it any more. */
  get isTold(): boolean {
    return this.#isTold
  }

  /** Forgets what it was told. To be called before it asks. */
  settle(): void {
    this.#isTold = false
  }

  /** Tells it that there is work, or gives it a job. */
  tell(handed?: ClaimedJob): void {
    this.#isTold = true
    this.#handed = handed
    this.#wake?.()
  }

  /** Lets it look for itself. */
  wake(): void {
    this.#wake?.()
  }

  /** The job that it was given, once. */
  take(): ClaimedJob | undefined {
    const handed = this.#handed
    this.#handed = undefined
    return handed
  }

  /** Resolves when it is told or woken, after `atMost`, or when the signal aborts. */
  news(atMost: Ms, signal: AbortSignal): Promise<void> {
    if (this.#isTold || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        this.#wake = undefined
        resolve()
        process.nextTick(tidy)
      }
      // What it was given comes first.
      const tidy = (): void => {
        cancel()
        signal.removeEventListener('abort', done)
      }
      const cancel = systemClock.schedule(atMost, done)
      signal.addEventListener('abort', done)
      this.#wake = done
    })
  }
}

/** The claims of this instance that the server may know to wait, by the name of their offer. */
export class Waiters {
  readonly #seats = new Map<string, Seat>()

  get isEmpty(): boolean {
    return this.#seats.size === 0
  }

  /** A new name for a seat that is about to ask. */
  offer(seat: Seat): string {
    const offer = claimId()
    seat.offer = offer
    this.#seats.set(offer, seat)
    return offer
  }

  /** Answers the name that the server may still know; from now on nobody is told by it. */
  withdraw(seat: Seat): string | undefined {
    const { offer } = seat
    if (offer === undefined) return undefined
    seat.offer = undefined
    this.#seats.delete(offer)
    return offer
  }

  find(offer: string): Seat | undefined {
    return this.#seats.get(offer)
  }

  wakeAll(): void {
    for (const seat of this.#seats.values()) seat.wake()
  }
}
