import type { Enqueued, Mover } from '../contract/backend.ts'
import type { BackendFailure } from '../contract/failure.ts'
import type { NewJob } from '../contract/job.ts'
import { BackendError, isBackendFailure } from '../errors/backend-error.ts'
import type { Confirmations } from './confirmations.ts'
import { inBatches } from './in-batches.ts'
import { fits, messageOf } from './message.ts'
import type { Settings } from './options.ts'

export interface Outgoing {
  readonly job: NewJob
  /** As the store knows this sending, and this job. */
  readonly sending: string
  readonly origin: string
}

/** Sends jobs that the store knows to the broker. */
export class Sender {
  readonly #broker: Mover
  readonly #confirmations: Confirmations
  readonly #settings: Settings

  constructor(broker: Mover, confirmations: Confirmations, settings: Settings) {
    this.#broker = broker
    this.#confirmations = confirmations
    this.#settings = settings
  }

  /** Never rejects: answers for each job why it was not sent, if so. Those are given out by the store again. */
  send(outgoing: readonly Outgoing[]): Promise<readonly (BackendFailure | undefined)[]> {
    return inBatches(outgoing, this.#broker.limits.enqueueBatch, (batch) => this.#sendBatch(batch))
  }

  async #sendBatch(outgoing: readonly Outgoing[]): Promise<readonly (BackendFailure | undefined)[]> {
    const { limits } = this.#broker
    const inStore = this.#settings.payloads === 'store'
    let answers: readonly Enqueued[]
    try {
      answers = await this.#broker.enqueue(
        outgoing.map(({ job, origin }) => messageOf(job, origin, inStore || !fits(job.payload, limits), limits)),
      )
    } catch (error) {
      const failure = isBackendFailure(error) ? error : internal(this.#broker.name, error)
      return outgoing.map(() => failure)
    }
    const failures = answers.map((answer) => (answer.status === 'refused' ? answer.error : undefined))
    this.#confirmations.add(
      outgoing.flatMap(({ job, sending }, index) => (failures[index] === undefined ? [{ id: job.id, sending }] : [])),
    )
    return failures
  }
}

function internal(broker: string, cause: unknown): BackendFailure {
  return new BackendError('internal', broker, 'sending jobs failed in a way that is not known', { cause })
}
