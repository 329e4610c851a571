import { indexOf, type Input } from '../input.ts'

/** Nothing was handled for so long: the rest will not come. */
const STALL = 20_000

/** Counts how often each job was handled, so that a system that loses jobs, or repeats them, cannot win. */
export class Tally {
  readonly size: number
  readonly #times: Uint8Array
  readonly #complete = Promise.withResolvers<void>()
  #handled = 0

  constructor(size: number) {
    this.size = size
    this.#times = new Uint8Array(size)
  }

  get handled(): number {
    return this.#handled
  }

  /** How often each job was handled, by its index. */
  get times(): Uint8Array {
    return this.#times
  }

  note(input: Input): void {
    const index = indexOf(input)
    this.#times[index] = (this.#times[index] ?? 0) + 1
    this.progress(1)
  }

  /** So many more were handled elsewhere; which ones, `add` says later. */
  progress(jobs: number): void {
    this.#handled += jobs
    if (this.#handled >= this.size) this.#complete.resolve()
  }

  /** Adds what another process has noted. */
  add(times: Uint8Array): void {
    times.forEach((count, index) => (this.#times[index] = this.#times[index]! + count))
  }

  /** What works for it has failed: there is nothing to wait for. */
  fail(error: Error): void {
    this.#complete.reject(error)
  }

  /** Resolves when as many were handled as there are jobs. Rejects when it has failed, or nothing has happened for `stall` milliseconds. */
  async complete(stall: number = STALL): Promise<void> {
    let before = -1
    const watch = setInterval(() => {
      if (this.#handled === before) {
        const progress = `${this.#handled} of ${this.size} jobs were handled`
        this.fail(new Error(`${progress}, then none for ${stall / 1000} s`))
      }
      before = this.#handled
    }, stall)
    try {
      await this.#complete.promise
    } finally {
      clearInterval(watch)
    }
  }

  /** Throws unless every job was handled exactly once. */
  verify(): void {
    const missing = this.#times.reduce((count, times) => count + (times === 0 ? 1 : 0), 0)
    const repeated = this.#times.reduce((count, times) => count + (times > 1 ? 1 : 0), 0)
    if (missing === 0 && repeated === 0 && this.#handled === this.size) return
    throw new Error(
      `of ${this.size} jobs ${missing} were never handled and ${repeated} more than once (${this.#handled} calls)`,
    )
  }
}
