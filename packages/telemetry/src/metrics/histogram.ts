/** Upper bounds in seconds, from a handler that does nothing to one that encodes a video. */
export const DEFAULT_BUCKETS: readonly number[] = [
  0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800,
]

/** Durations, counted by how long they are. */
export class Histogram {
  readonly #bounds: readonly number[]
  /** One more than there are bounds: what is longer than the last. */
  readonly #counts: number[]
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  observe(seconds: number): void {
    const bounds = this.#bounds
    let index = 0
    while (index < bounds.length && seconds > bounds[index]!) index++
    this.#counts[index]!++
    this.#sum += seconds
  }

  read(): Distribution {
    let count = 0
    const buckets = this.#counts.map((each, index) => ({ le: this.#bounds[index] ?? Infinity, count: (count += each) }))
    return { buckets, count, sum: this.#sum }
  }
}

/** A histogram at one moment. */
export interface Distribution {
  /** How many were at most `le` seconds long; the last has no bound. */
  readonly buckets: readonly { readonly le: number; readonly count: number }[]
  readonly count: number
  /** Seconds. */
  readonly sum: number
}
