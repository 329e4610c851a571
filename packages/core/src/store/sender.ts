import type { Enqueued, Mover } from '../contract/backend.ts'
import type { BackendFailure } from '../contract/failure.ts'
import type { NewJob } from '../contract/job.ts'
import { BackendError, isBackendFailure } from '../errors/backend-error.ts'
import { claimId } from '../kit/token.ts'
import type { Confirmations } from './confirmations.ts'
import { inBatches } from './in-batches.ts'
import { fits, markOf, messageOf, messageOfMany } from './message.ts'
import type { Settings } from './options.ts'
import { pack, type Pack } from './pack.ts'

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
  async send(outgoing: readonly Outgoing[]): Promise<readonly (BackendFailure | undefined)[]> {
    const { limits } = this.#broker
    const inStore = this.#settings.payloads === 'store'
    const packs = pack(
      outgoing.map(({ job, origin }) => ({ job, mark: markOf(origin, inStore || !fits(job.payload, limits)) })),
      limits,
    )
    const answers = await this.#sendPacks(packs)
    const failures = Array.from<BackendFailure | undefined>({ length: outgoing.length })
    for (const [at, { indexes }] of packs.entries()) for (const index of indexes) failures[index] = answers[at]
    this.#confirmations.add(
      outgoing.flatMap(({ job, sending }, index) => (failures[index] === undefined ? [{ id: job.id, sending }] : [])),
    )
    return failures
  }

  /** Passes jobs of a message on that this process does not take. Answers whether the broker has them. */
  async pass(jobs: readonly NewJob[], mark: string): Promise<boolean> {
    const sent = await this.#sendPacks([
      { jobs: [{ ...jobs[0]!, resent: claimId() }, ...jobs.slice(1)], mark, indexes: [] },
    ])
    return sent[0] === undefined
  }

  #sendPacks(packs: readonly Pack[]): Promise<readonly (BackendFailure | undefined)[]> {
    return inBatches(packs, this.#broker.limits.enqueueBatch, (batch) => this.#sendBatch(batch))
  }

  async #sendBatch(packs: readonly Pack[]): Promise<readonly (BackendFailure | undefined)[]> {
    const { limits } = this.#broker
    let answers: readonly Enqueued[]
    try {
      answers = await this.#broker.enqueue(
        packs.map(({ jobs, mark }) =>
          jobs.length === 1 ? messageOf(jobs[0]!, mark, limits) : messageOfMany(jobs, mark, limits),
        ),
      )
    } catch (error) {
      const failure = isBackendFailure(error) ? error : internal(this.#broker.name, error)
      return packs.map(() => failure)
    }
    return answers.map((answer) => (answer.status === 'refused' ? answer.error : undefined))
  }
}

function internal(broker: string, cause: unknown): BackendFailure {
  return new BackendError('internal', broker, 'sending jobs failed in a way that is not known', { cause })
}
