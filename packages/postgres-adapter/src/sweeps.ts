import type { Ms } from '@jobport/core/adapter'
import type { Taken } from './wire/claimed.ts'

/** A claim looks at everything again after so long: a transaction that took long to commit may have left something behind. */
const WHOLE: Ms = 5_000
/** How often it is worth asking when the next job falls due or the next lease ends. */
const LOOK: Ms = 50

interface Sweep {
  /** By the clock of the server: nothing that was due before is left. */
  since: number
  wholeAt: number
  lookedAt: number
  page: number
}

/** What the last claims of each queue have learnt for the next. */
export class Sweeps {
  readonly #sweeps = new Map<string, Sweep>()

  next(queue: string, waits: boolean): { readonly page: number; readonly since: number; readonly looks: boolean } {
    const now = performance.now()
    let sweep = this.#sweeps.get(queue)
    if (sweep === undefined) {
      sweep = { since: 0, wholeAt: 0, lookedAt: -Infinity, page: 4 }
      this.#sweeps.set(queue, sweep)
    }
    const looks = waits && now - sweep.lookedAt >= LOOK
    if (looks) sweep.lookedAt = now
    let { since } = sweep
    if (now >= sweep.wholeAt) {
      sweep.wholeAt = now + WHOLE
      since = 0
    }
    return { page: sweep.page, since, looks }
  }

  /** Answers how long there is nothing to do, if nothing happens. */
  note(queue: string, looked: boolean, [, , , , , runs, nextEvent, swept, moment]: Taken): Ms {
    const sweep = this.#sweeps.get(queue)!
    sweep.since = Number(swept)
    const count = Number(runs)
    if (count > 0) sweep.page = Math.min(1000, Math.max(2, Math.ceil((sweep.page + count * 1.5 + 1) / 2)))
    if (!looked) return LOOK
    return nextEvent === null ? Infinity : Math.max(0, Number(nextEvent) - Number(moment))
  }
}
