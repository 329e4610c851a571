import { isBackendFailure, type Enqueued, type NewJob } from '@jobport/core/adapter'
import { LIMITS } from './limits.ts'

interface Outlet {
  /** What has to be known before jobs can be sent; `undefined` when it is. */
  learn(jobs: readonly NewJob[]): Promise<void> | undefined
  send(jobs: readonly NewJob[]): Promise<readonly Enqueued[]>
  /** Batches on their way at once. More than one only where they arrive in the order in which they are sent. */
  readonly inFlight: number
}

interface Pending {
  readonly jobs: readonly NewJob[]
  readonly resolve: (answers: readonly Enqueued[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * Sends new jobs in batches, in the order in which they come. What comes while batches are on their way goes together in the next: a commit costs about as much for one
 * job as for a hundred.
 */
export class Intake {
  readonly #outlet: Outlet
  #pending: Pending[] = []
  #sending = 0
  #learning = false
  #onIdle: (() => void) | undefined

  constructor(outlet: Outlet) {
    this.#outlet = outlet
  }

  enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ jobs, resolve, reject })
      this.#flush()
    })
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    while (this.#sending > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve))
  }

  #flush(): void {
    while (this.#pending.length > 0 && this.#sending < this.#outlet.inFlight && !this.#learning) {
      this.#sending++
      void this.#send(this.#next())
    }
    if (this.#sending === 0) this.#onIdle?.()
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

  async #send(together: readonly Pending[]): Promise<void> {
    if (together.length === 1) await this.#sendAlone(together[0]!)
    else await this.#sendTogether(together)
    this.#sending--
    this.#flush()
  }

  async #sendAlone({ jobs, resolve, reject }: Pending): Promise<void> {
    try {
      resolve(await this.#ask(jobs))
    } catch (error) {
      reject(error)
    }
  }

  async #sendTogether(together: readonly Pending[]): Promise<void> {
    try {
      const answers = await this.#ask(together.flatMap(({ jobs }) => jobs))
      let at = 0
      for (const { jobs, resolve } of together) resolve(answers.slice(at, (at += jobs.length)))
    } catch (error) {
      // What is wrong with one call must not be the trouble of another.
      if (isBackendFailure(error) && !error.retryable) for (const each of together) await this.#sendAlone(each)
      else for (const { reject } of together) reject(error)
    }
  }

  /** Nothing overtakes jobs about which something has to be learnt first. */
  async #ask(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    const learning = this.#outlet.learn(jobs)
    if (learning !== undefined) {
      this.#learning = true
      try {
        await learning
      } finally {
        this.#learning = false
      }
    }
    const sent = this.#outlet.send(jobs)
    if (learning !== undefined) this.#flush()
    return sent
  }
}
