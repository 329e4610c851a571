import type { Ms } from '@jobport/core/adapter'

/**
 * Looks when the first of many things may be due, with one timer for all. When that one is over before its time the timer stays: most are, and to set and clear
 * one for each would take longer than to look in vain. All times are monotonic.
 */
export class Watch {
  readonly #look: (now: Ms) => Ms
  #timer: NodeJS.Timeout | undefined
  #next: Ms = Infinity

  /** `look` sees to what is due, and answers when to look next. */
  constructor(look: (now: Ms) => Ms) {
    this.#look = look
  }

  at(time: Ms): void {
    if (time >= this.#next) return
    clearTimeout(this.#timer)
    this.#next = time
    const wait = Math.min(Math.max(0, time - performance.now()), 2 ** 31 - 1)
    this.#timer = setTimeout(() => {
      this.#next = Infinity
      this.at(this.#look(performance.now()))
    }, wait)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#next = Infinity
  }
}
