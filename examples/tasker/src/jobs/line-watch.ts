import type { Features, Mover } from '@jobport/core/adapter'

/**
 * A failure says something about now for so long: whoever sends seldom does not learn that the line is well again. Longer than a try to receive may take that is not
 * answered, so a silent server does not seem to be well in between.
 */
const FRESH = 60_000

/** The verdict on one message, not on the line. */
const OF_A_MESSAGE: ReadonlySet<string> = new Set(['too-large', 'invalid'])

/** Listens to what a broker answers, and so knows of each queue whether messages can be sent to it and received from it. */
export class LineWatch {
  readonly #now: () => number
  readonly #failedAt = new Map<string, number>()

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** The same broker, watched. */
  watch<F extends Features>(broker: Mover<F>): Mover<F> {
    return {
      name: broker.name,
      features: broker.features,
      limits: broker.limits,
      open: () => broker.open(),
      close: () => broker.close(),
      health: () => broker.health(),
      settle: (settlements) => broker.settle(settlements),
      extend: (leases, lease) => broker.extend(leases, lease),
      claim: async (request, signal) => {
        try {
          const jobs = await broker.claim(request, signal)
          this.#note(request.queue, true)
          return jobs
        } catch (error) {
          this.#note(request.queue, false)
          throw error
        }
      },
      enqueue: async (jobs) => {
        const answers = await broker.enqueue(jobs)
        for (const [index, { queue }] of jobs.entries()) {
          const answer = answers[index]!
          // Of what passes by itself the broker's health tells, and also when it has passed.
          if (answer.status !== 'refused') this.#note(queue, true)
          else if (!answer.error.retryable && !OF_A_MESSAGE.has(answer.error.code)) this.#note(queue, false)
        }
        return answers
      },
    }
  }

  /** Whether the last try to receive from a queue has failed, or the last to send to it for a reason that stays, a short time ago. */
  isDown(queue: string): boolean {
    const failedAt = this.#failedAt.get(queue)
    return failedAt !== undefined && this.#now() - failedAt < FRESH
  }

  #note(queue: string, isWell: boolean): void {
    if (isWell) this.#failedAt.delete(queue)
    else this.#failedAt.set(queue, this.#now())
  }
}
