import { dayOf, nameOfDay } from '../ltsv/values.ts'

/** Characters, and as much again for what holds them: what a file with ever new uris costs in memory is bounded. */
const MOST = 8_000_000
const EACH = 100

/** Counts each uri per day, as the lines go by. */
export class Tally {
  #days = new Map<number, Map<string, number>>()
  /** Lines come in the order of time, so the day is nearly always that of the line before. */
  #day = Number.NaN
  #uris = new Map<string, number>()
  #size = 0

  /** It is time to write down what was counted, and to begin anew. */
  get isFull(): boolean {
    return this.#size >= MOST
  }

  add(time: number, uri: string): void {
    const day = dayOf(time)
    if (day !== this.#day) this.#turnTo(day)
    const count = this.#uris.get(uri)
    if (count === undefined) this.#size += uri.length + EACH
    this.#uris.set(uri, (count ?? 0) + 1)
  }

  /** What was counted since the last time. */
  take(): readonly { readonly day: string; readonly uri: string; readonly count: number }[] {
    const counts = [...this.#days].flatMap(([day, uris]) =>
      [...uris].map(([uri, count]) => ({ day: nameOfDay(day), uri, count })),
    )
    this.#days = new Map()
    this.#day = Number.NaN
    this.#size = 0
    return counts
  }

  #turnTo(day: number): void {
    this.#day = day
    this.#uris = this.#days.get(day) ?? new Map<string, number>()
    this.#days.set(day, this.#uris)
  }
}
