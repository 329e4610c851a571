import type { Message } from '@aws-sdk/client-sqs'
import {
  Admission,
  Lifecycle,
  systemClock,
  type Backend,
  type ClaimedJob,
  type ClaimRequest,
  type Clock,
  type Enqueued,
  type Extended,
  type Health,
  type Lease,
  type Limits,
  type Mover,
  type Ms,
  type NewJob,
  type Settled,
  type Settlement,
} from '@jobport/core/adapter'
import { HeldMessages } from './held.ts'
import { FIFO, limitsOf, NAME, STANDARD, type SqsFeatures } from './limits.ts'
import { Live } from './live.ts'
import { settingsOf, type Settings, type SqsBackendOptions } from './options.ts'
import { admit } from './verbs/admit.ts'
import { claim } from './verbs/claim.ts'
import { enqueue } from './verbs/enqueue.ts'
import { extend } from './verbs/extend.ts'
import { healthOf } from './verbs/health.ts'
import { redrive, type RedriveOptions } from './verbs/redrive.ts'
import { settle } from './verbs/settle.ts'

/** A backend on Amazon SQS. */
export type SqsBackend<Fifo extends boolean = boolean> = Backend<SqsFeatures<Fifo>, never> & Redriving

interface Redriving {
  /**
   * Sends the jobs in the dead-letter queue of a queue back to work, with their attempts counted from the beginning and `redrives` one more. Answers how many.
   * A job for which the answer of SQS is lost in between may be sent back twice. Each batch of ten takes two requests and more; end a long one by `signal`.
   * @throws BackendError, OptionError
   */
  redrive(queue: string, options?: RedriveOptions): Promise<number>
}

/**
 * Jobs in Amazon SQS: one queue of SQS for each queue, and a dead-letter queue beside it. At least once; without records, so jobs can be neither found nor cancelled, and nothing tells
 * duplicates. `withStore` adds what is missing.
 * @example
 * const backend = sqsBackend({ sqs: { region: 'eu-west-1' }, queues: ['media'] })
 * @throws OptionError when an option is unknown or not usable.
 */
export function sqsBackend<const Fifo extends boolean = false>(
  options: SqsBackendOptions<Fifo> = {},
): SqsBackend<Fifo> {
  return new SqsAdapter(settingsOf(options), systemClock) as Mover as SqsBackend<Fifo>
}

/** The visibility timeout that a queue has by default. */
const VISIBILITY: Ms = 30_000

export class SqsAdapter implements Mover, Redriving {
  readonly name = NAME
  readonly features: typeof FIFO | typeof STANDARD
  readonly limits: Limits
  readonly #lifecycle: Lifecycle<Live>
  readonly #admission: Admission

  constructor(settings: Settings, clock: Clock) {
    this.features = settings.fifo ? FIFO : STANDARD
    this.limits = limitsOf(settings.fifo, settings.blobs !== undefined)
    this.#admission = new Admission(NAME, this.limits)
    const held = new HeldMessages(clock)
    this.#lifecycle = new Lifecycle(NAME, () => Live.open(settings, held, clock))
  }

  open(): Promise<void> {
    return this.#lifecycle.open()
  }

  close(): Promise<void> {
    return this.#lifecycle.close()
  }

  health(): Promise<Health> {
    return this.#lifecycle.health(healthOf)
  }

  async enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    const live = this.#lifecycle.opened
    this.#admission.checkSize('jobs', jobs.length, this.limits.enqueueBatch)
    return live.track(enqueue(live, this.#admission, jobs))
  }

  async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    const live = this.#lifecycle.opened
    this.#admission.checkClaim(request)
    return claim(live, request, signal)
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    const live = this.#lifecycle.opened
    this.#admission.checkSize('settlements', settlements.length, this.limits.settleBatch)
    return live.track(settle(live, this.#admission, settlements))
  }

  async extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    const live = this.#lifecycle.opened
    this.#admission.checkSize('leases', leases.length, this.limits.settleBatch)
    this.#admission.checkLease(lease)
    return live.track(extend(live, leases, lease))
  }

  async redrive(queue: string, options: RedriveOptions = {}): Promise<number> {
    const live = this.#lifecycle.opened
    return live.track(redrive(live, queue, options))
  }

  /** Which of these queues has that ARN; the name in SQS itself where none does. */
  async queueOf(arn: string, names: readonly string[]): Promise<string> {
    const called = arn.split(':').at(-1)!
    return names.find((name) => this.#lifecycle.opened.queues.nameOf(name) === called) ?? called
  }

  /** Messages that AWS Lambda has received. */
  async adopt(
    queue: string,
    messages: readonly Message[],
    onUnreadable: (message: Message, buried: Promise<boolean>) => void,
  ): Promise<readonly ClaimedJob[]> {
    const live = this.#lifecycle.opened
    const verified = await live.queues.verify(queue)
    return admit(live, verified, messages, live.clock.now(), live.settings.visibility ?? VISIBILITY, onUnreadable)
  }
}
