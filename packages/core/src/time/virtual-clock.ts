import type { Ms } from '../contract/job.ts'
import type { Clock } from './clock.ts'

interface Timer {
  readonly at: Ms
  readonly sequence: number
  readonly callback: () => void
}

/** Time that stands still until it is told to advance. Timers fire in order of time, then of creation. */
export class VirtualClock implements Clock {
  readonly #epoch: number
  readonly #settle: () => Promise<void>
  #timers: Timer[] = []
  #now = 0
  #sequence = 0

  /** `epoch`: what `date()` says at the start; default 2026-01-01T00:00Z. `settle` waits until everything that time set off has run. */
  constructor(options: { readonly epoch?: number; readonly settle?: () => Promise<void> } = {}) {
    this.#epoch = options.epoch ?? Date.UTC(2026, 0, 1)
    this.#settle = options.settle ?? nextTurn
  }

  now(): Ms {
    return this.#now
  }

  date(): number {
    return this.#epoch + this.#now
  }

  schedule(delay: Ms, callback: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, delay), sequence: this.#sequence++, callback }
    let index = this.#timers.length
    while (index > 0 && this.#timers[index - 1]!.at > timer.at) index--
    this.#timers.splice(index, 0, timer)
    return () => {
      const at = this.#timers.indexOf(timer)
      if (at >= 0) this.#timers.splice(at, 1)
    }
  }

  /** How long until the next timer; `undefined` when there is none. */
  get untilNext(): Ms | undefined {
    const next = this.#timers[0]
    return next === undefined ? undefined : next.at - this.#now
  }

  /** Moves on by `by`, firing every timer on the way and waiting after each for what it set off. */
  async advance(by: Ms): Promise<void> {
    const end = this.#now + by
    await this.#settle()
    while (this.#timers.length > 0 && this.#timers[0]!.at <= end) {
      const timer = this.#timers.shift()!
      this.#now = timer.at
      timer.callback()
      await this.#settle()
    }
    this.#now = end
    await this.#settle()
  }
}

/** All promise callbacks that are ready run before the next turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
