import type { Ms } from '@jobport/core/adapter'
import type { Held } from './delivery.ts'

/** Looks when the first of many leases may be over. All times are monotonic. */
export class LeaseWatch {
  readonly #look: (now: Ms) => Ms
  #timer: NodeJS.Timeout | undefined
  #next: Ms = Infinity

  /** `look` gives back what is over, and answers when to look next. */
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

/** While an outcome is on its way its lease is looked at again and again. */
const SHORTEST_LOOK: Ms = 50

/** When to look again at a lease that is not over, or whose outcome is on its way. */
export function lookAgain({ deadline }: Held, now: Ms): Ms {
  return Math.max(deadline, now + SHORTEST_LOOK)
}
