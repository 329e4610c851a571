import { claimId, type ClaimedJob, type ClaimRequest, type Ms } from '@jobport/core/adapter'
import type { Row } from './connection/session.ts'
import { duration } from './limits.ts'
import type { Names } from './names.ts'
import { Sweeps } from './sweeps.ts'
import { claimedJobs, headsOf, kindsIn, type Taken } from './wire/claimed.ts'
import type { Value } from './wire/new-jobs.ts'

export type Request = Omit<ClaimRequest, 'wait'>

/** A claim on its way. */
export interface Claiming {
  readonly queue: string
  readonly random: string
  /** Whether it was asked when something happens next. */
  readonly looks: boolean
  readonly lease: Ms
  /** The last seven arguments of `claim`, `exchange` and `enqueue_and_claim`. */
  readonly values: Value[]
}

export interface Claimed {
  readonly jobs: ClaimedJob[]
  /** How long there is nothing to do, if nothing happens. */
  readonly idle: Ms
}

/** Writes claims, and reads what they bring. */
export class Claims {
  readonly #names: Names
  readonly #sweeps = new Sweeps()

  constructor(names: Names) {
    this.#names = names
  }

  async learnAndWrite(request: Request, waits: boolean): Promise<Claiming> {
    const learning = this.#names.learnQueue(request.queue)
    if (learning !== undefined) await learning
    return this.write(request, waits)
  }

  /** Only where the number of the queue is known. */
  write({ queue, limit, lease }: Request, waits: boolean): Claiming {
    const random = claimId()
    const { page, since, looks } = this.#sweeps.next(queue, waits)
    const values = [this.#names.queue(queue), limit, duration(lease), random, page, since, looks]
    return { queue, random, looks, lease, values }
  }

  async read({ queue, random, looks }: Claiming, row: Row): Promise<Claimed> {
    const taken = row as Taken
    const idle = this.#sweeps.note(queue, looks, taken)
    const heads = headsOf(taken)
    const learning = this.#names.learnNames(kindsIn(heads))
    if (learning !== undefined) await learning
    return { jobs: claimedJobs(taken, heads, queue, random, this.#names.name), idle }
  }
}
