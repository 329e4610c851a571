import { isBackendFailure, type Enqueued, type NewJob } from '@jobport/core/adapter'
import { LIMITS } from './limits.ts'

type Enqueue = (jobs: readonly NewJob[]) => Promise<readonly Enqueued[]>

interface Pending {
  readonly jobs: readonly NewJob[]
  readonly resolve: (answers: readonly Enqueued[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * Sends new jobs one batch after the other, so that jobs of one process keep their order, and what comes while one is on its way goes together with the next: a commit
 * costs about as much for one job as for a hundred.
 */
export class Intake {
  readonly #enqueue: Enqueue
  #pending: Pending[] = []
  #sending = false

  constructor(enqueue: Enqueue) {
    this.#enqueue = enqueue
  }

  enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ jobs, resolve, reject })
      if (!this.#sending) void this.#send()
    })
  }

  async #send(): Promise<void> {
    this.#sending = true
    while (this.#pending.length > 0) {
      const together = this.#next()
      if (together.length === 1) await this.#sendAlone(together[0]!)
      else await this.#sendTogether(together)
    }
    this.#sending = false
  }

  #next(): Pending[] {
    let size = this.#pending[0]!.jobs.length
    let count = 1
    while (count < this.#pending.length && size + this.#pending[count]!.jobs.length <= LIMITS.enqueueBatch) {
      size += this.#pending[count]!.jobs.length
      count++
    }
    return this.#pending.splice(0, count)
  }

  async #sendAlone({ jobs, resolve, reject }: Pending): Promise<void> {
    try {
      resolve(await this.#enqueue(jobs))
    } catch (error) {
      reject(error)
    }
  }

  async #sendTogether(together: readonly Pending[]): Promise<void> {
    try {
      const answers = await this.#enqueue(together.flatMap(({ jobs }) => jobs))
      let at = 0
      for (const { jobs, resolve } of together) resolve(answers.slice(at, (at += jobs.length)))
    } catch (error) {
      // What is wrong with one call must not be the trouble of another.
      if (isBackendFailure(error) && !error.retryable) for (const each of together) await this.#sendAlone(each)
      else for (const { reject } of together) reject(error)
    }
  }
}
