import type { JobId, JobRecord, JobState } from '../contract/job.ts'
import type { Cancellation } from '../contract/operator.ts'
import type { JobDefinition } from '../definition/define-job.ts'
import { keepShape } from '../kit/keep-shape.ts'
import type { JobQueue } from './job-queue.ts'
import type { ResultOptions, Ticket } from './ticket.ts'

export class JobTicket implements Ticket {
  readonly id: JobId
  readonly duplicate: boolean
  readonly #queue: JobQueue
  readonly #definition: JobDefinition

  constructor(queue: JobQueue, definition: JobDefinition, id: JobId, duplicate: boolean) {
    this.id = id
    this.duplicate = duplicate
    this.#queue = queue
    this.#definition = definition
  }

  async status(): Promise<JobState | 'unknown'> {
    return (await this.record())?.state ?? 'unknown'
  }

  async record(): Promise<JobRecord | undefined> {
    return this.#queue.results.find(this.id)
  }

  async result(options?: ResultOptions): Promise<unknown> {
    return this.#queue.results.wait(this.#definition, this.id, options)
  }

  async cancel(): Promise<Cancellation> {
    return this.#queue.cancel(this.#definition, this.id)
  }
}

keepShape(new JobTicket({} as JobQueue, {} as JobDefinition, '', false))
