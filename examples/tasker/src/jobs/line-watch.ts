import type { BackendFailure, Features, Mover } from '@jobport/core/adapter'

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
      claim: ({ queue, ...request }, signal) =>
        this.#noting([queue], broker.claim({ queue, ...request }, signal), () => undefined),
      enqueue: (jobs) =>
        this.#noting(
          jobs.map(({ queue }) => queue),
          broker.enqueue(jobs),
          (answers, index) => {
            const answer = answers[index]
            return answer?.status === 'refused' && !OF_A_MESSAGE.has(answer.error.code) ? answer.error : undefined
          },
        ),
    }
  }

  /** Whether the last try to send to a queue, or to receive from it, has failed, a short time ago. */
  isDown(queue: string): boolean {
    const failedAt = this.#failedAt.get(queue)
    return failedAt !== undefined && this.#now() - failedAt < FRESH
  }

  async #noting<T>(
    queues: readonly string[],
    call: Promise<T>,
    failureOf: (answer: T, index: number) => BackendFailure | undefined,
  ): Promise<T> {
    try {
      const answer = await call
      for (const [index, queue] of queues.entries()) this.#note(queue, failureOf(answer, index) === undefined)
      return answer
    } catch (error) {
      for (const queue of queues) this.#note(queue, false)
      throw error
    }
  }

  #note(queue: string, isWell: boolean): void {
    if (isWell) this.#failedAt.delete(queue)
    else this.#failedAt.set(queue, this.#now())
  }
}
