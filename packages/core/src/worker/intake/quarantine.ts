import { Fifo } from '../../batch/fifo.ts'
import type { Run } from '../run.ts'

/**
 * Keeps a job that kills its worker from taking others to the grave. When a worker dies, every job that it had begun has crashed once more, and
 * nobody knows which of them did it. So those that are one crash away from death are begun one at a time, each when the outcome of the one before is
 * stored: the last crash counts for the guilty one alone.
 */
export class Quarantine {
  readonly #threshold: number
  readonly #waiting = new Fifo<Run>()
  #begun: Run | undefined

  /** `maxCrashes`: the crash that makes a job dead. */
  constructor(maxCrashes: number) {
    this.#threshold = Math.max(1, maxCrashes - 1)
  }

  /** How many are kept waiting. */
  get length(): number {
    return this.#waiting.length
  }

  isSuspect({ claimed }: Run): boolean {
    return claimed.crashes >= this.#threshold
  }

  add(run: Run): void {
    this.#waiting.push(run)
  }

  /** The next to begin, if none has; its turn lasts until it is `settled`. */
  next(): Run | undefined {
    if (this.#begun !== undefined) return undefined
    do this.#begun = this.#waiting.shift()
    while (this.#begun !== undefined && this.#begun.state !== 'ready')
    return this.#begun
  }

  /** The outcome of a run is stored, or lost. `true`: the next suspect may begin. */
  settled(run: Run): boolean {
    if (this.#begun !== run) return false
    this.#begun = undefined
    return this.#waiting.length > 0
  }

  takeAll(): readonly Run[] {
    return this.#waiting.takeAll().filter((run) => run.state === 'ready')
  }
}
