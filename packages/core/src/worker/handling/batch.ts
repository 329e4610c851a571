/** Runs that share a handler's call, and so a slot. */
export class Batch {
  /** Runs that have not ended. */
  open: number
  #live: number
  readonly #controller = new AbortController()

  constructor(size: number) {
    this.open = size
    this.#live = size
  }

  /** Aborts when there is nothing left to do: every job of the batch is aborted. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  aborted(reason: Error): void {
    if (--this.#live === 0) this.#controller.abort(reason)
  }
}
