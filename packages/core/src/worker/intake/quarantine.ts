import type { Run } from '../run.ts'

/**
 * Keeps a job that kills its worker from taking others to the grave. When a worker dies, every job it held has crashed once, so after two crashes nobody knows
 * which of them did it. From then on a worker holds at most one such suspect at a time and releases the others: the next crash counts for the
 * guilty one alone.
 */
export class Quarantine {
  readonly #threshold: number
  #held: Run | undefined

  /** `maxCrashes`: the crash that makes a job dead. */
  constructor(maxCrashes: number) {
    this.#threshold = Math.max(1, maxCrashes - 1)
  }

  /** Whether the worker may hold this run now. */
  admit(run: Run): boolean {
    if (run.claimed.crashes < this.#threshold) return true
    if (this.#held !== undefined && this.#held.state !== 'ended') return false
    this.#held = run
    return true
  }
}
