import type { Ms } from '../../contract/job.ts'
import { Fifo } from '../../batch/fifo.ts'

/** At most `limit` starts within any stretch of `per`. Remembers the times of the last `limit` starts. */
export class RateLimit {
  readonly #limit: number
  readonly #per: Ms
  readonly #starts = new Fifo<Ms>()

  constructor({ limit, per }: { readonly limit: number; readonly per: Ms }) {
    this.#limit = limit
    this.#per = per
  }

  /** How many may start now. */
  free(now: Ms): number {
    while (this.#starts.length > 0 && this.#starts.peek()! + this.#per <= now) this.#starts.shift()
    return this.#limit - this.#starts.length
  }

  /** How long until one may start; 0 when one may now. */
  wait(now: Ms): Ms {
    return this.free(now) > 0 ? 0 : this.#starts.peek()! + this.#per - now
  }

  start(now: Ms): void {
    this.#starts.push(now)
  }
}
