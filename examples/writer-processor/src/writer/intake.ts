/** Bounds how many messages are on their way to the queue, so that a queue that is slow or away costs callers an answer and not the writer its memory. */
export class Intake {
  readonly most: number
  #inFlight = 0

  constructor(most: number) {
    this.most = most
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get isFull(): boolean {
    return this.#inFlight >= this.most
  }

  /** Takes room for so many, if there is, and answers how to give it back. */
  take(count: number): (() => void) | undefined {
    if (this.#inFlight + count > this.most) return undefined
    this.#inFlight += count
    let isTaken = true
    return () => {
      if (isTaken) this.#inFlight -= count
      isTaken = false
    }
  }
}
