import type { Ms } from '@jobport/core/adapter'
import { failure } from './failure.ts'

/** What an error says when a reply did not come; the driver says the same. */
export const TIMED_OUT = 'Command timed out'

interface Waiting {
  readonly since: Ms
  readonly giveUp: (error: Error) => void
}

/** Ends the wait for replies that do not come. One timer watches over all calls: a timer for each takes as long as to send it. */
export class Patience {
  readonly #timeout: Ms
  /** The oldest first. */
  readonly #waiting = new Set<Waiting>()
  #isArmed = false

  constructor(timeout: Ms) {
    this.#timeout = timeout
  }

  /** As the reply. If it is an error, or does not come in time, `rescue` decides what becomes of that: it answers instead, or throws. */
  with<Reply>(reply: Promise<Reply>, rescue: (error: unknown) => Promise<Reply>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        if (!this.#waiting.delete(waiting)) return
        try {
          resolve(rescue(error))
        } catch (final) {
          reject(failure(final))
        }
      }
      const waiting: Waiting = { since: performance.now(), giveUp: fail }
      this.#waiting.add(waiting)
      if (!this.#isArmed) this.#arm(this.#timeout)
      reply.then((value) => resolve(this.#answered(waiting, value)), fail)
    })
  }

  #answered<Reply>(waiting: Waiting, reply: Reply): Reply {
    this.#waiting.delete(waiting)
    return reply
  }

  /** It need not keep the process alive: the connection does, while a reply may come. */
  #arm(delay: Ms): void {
    this.#isArmed = true
    setTimeout(this.#look, Math.ceil(delay)).unref()
  }

  readonly #look = (): void => {
    this.#isArmed = false
    const latest = performance.now() - this.#timeout
    for (const waiting of this.#waiting) {
      if (waiting.since > latest) return this.#arm(waiting.since - latest)
      waiting.giveUp(new Error(TIMED_OUT))
    }
  }
}
