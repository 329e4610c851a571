import type { Ms } from '../../contract/job.ts'

/** The work that a worker may claim ahead: about what it will do in this time, or in three round trips of a claim if those take longer. */
const HORIZON: Ms = 10
const LONGEST_HORIZON: Ms = 50
/** The rate is measured whenever so many jobs have ended, or so much time has passed: one quick job among slow ones must not make it look high. */
const SAMPLE = 16
const STRETCH: Ms = 50

/**
 * Decides how many jobs to claim beyond the free slots. Measured by how fast jobs end: fast handlers find their next job waiting in memory, slow ones
 * leave it to other workers.
 */
export class Demand {
  readonly #most: number
  #rate = 0
  #roundTrip: Ms = 0
  #ended = 0
  #since: Ms = 0
  #ahead = 0

  constructor(most: number) {
    this.#most = most
  }

  get ahead(): number {
    return this.#ahead
  }

  /** A job ended. */
  count(): void {
    this.#ended++
  }

  /** Work begins after a pause, which says nothing of the rate. */
  wake(now: Ms): void {
    this.#since = now
    this.#ended = 0
  }

  /** A claim took so long from question to answer, without waiting. */
  answered(took: Ms): void {
    this.#roundTrip = this.#roundTrip === 0 ? took : 0.8 * this.#roundTrip + 0.2 * took
  }

  measure(now: Ms): void {
    const stretch = now - this.#since
    if (stretch <= 0 || (this.#ended < SAMPLE && stretch < STRETCH)) return
    this.#rate = (this.#rate + this.#ended / stretch) / 2
    const horizon = Math.min(LONGEST_HORIZON, Math.max(HORIZON, 3 * this.#roundTrip))
    this.#ahead = Math.min(this.#most, Math.floor(this.#rate * horizon))
    this.wake(now)
  }

  /** What was claimed ahead had to wait too long: begin anew. */
  reset(now: Ms): void {
    this.#rate = 0
    this.#ahead = 0
    this.wake(now)
  }
}
