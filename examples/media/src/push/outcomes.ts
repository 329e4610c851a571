import type { Tally } from '../terminal/display.ts'

/** What is known of the items that were handed in. */
export class Outcomes {
  readonly #total: number
  readonly #handedIn = new Set<string>()
  /** Also of items of others, and of ours before the answer to their upload is there. */
  readonly #states = new Map<string, string>()
  #changed = Promise.withResolvers<void>()

  constructor(total: number) {
    this.#total = total
  }

  get open(): readonly string[] {
    return [...this.#handedIn].filter((id) => !this.#states.has(id))
  }

  handedIn(id: string): void {
    this.#handedIn.add(id)
    this.#wake()
  }

  finished(id: string, state: string): void {
    this.#states.set(id, state)
    this.#wake()
  }

  count(state: string): number {
    return [...this.#handedIn].filter((id) => this.#states.get(id) === state).length
  }

  /** Resolves with the next change, or after a second. */
  async change(): Promise<void> {
    const timer = setTimeout(() => this.#wake(), 1_000)
    await this.#changed.promise
    clearTimeout(timer)
  }

  tallies(): Readonly<Record<'handed in' | 'done', Tally>> {
    const [total, sent] = [this.#total, this.#handedIn.size]
    return {
      'handed in': { total, finished: sent, dead: 0, later: 0 },
      done: { total, finished: sent - this.open.length, dead: this.count('dead'), later: 0 },
    }
  }

  #wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
