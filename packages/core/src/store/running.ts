/** Calls that run, for whoever has to wait until they have ended. */
export class Running {
  readonly #calls = new Set<Promise<unknown>>()

  track<T>(call: Promise<T>): Promise<T> {
    const ended = (): void => void this.#calls.delete(call)
    this.#calls.add(call)
    call.then(ended, ended)
    return call
  }

  /** Resolves when none runs any more. */
  async ended(): Promise<void> {
    while (this.#calls.size > 0) await Promise.allSettled(this.#calls)
  }
}
