import type { Enqueuer, JobDefinition } from '@jobport/core'
import { REQUEST_ID } from '../message/message-job.ts'
import type { Message } from '../message/message.ts'
import type { Intake } from './intake.ts'
import { contentDigest, messageId } from './message-id.ts'
import type { RecentKeys } from './recent-keys.ts'
import { BUSY, refusalOf, SLOW, type Refusal } from './refusal.ts'

/** What became of one message. */
export type Outcome = { readonly status: 'accepted'; readonly id: string } | ({ readonly status: 'refused' } & Refusal)

export interface DeliveryOptions {
  readonly queue: Enqueuer<any>
  readonly job: JobDefinition<Message>
  readonly intake: Intake
  readonly keys: RecentKeys
  /** How long a caller waits, in milliseconds. */
  readonly patience: number
}

/** The call that brought the messages. */
export interface Call {
  readonly requestId: string
  readonly key?: string | undefined
}

interface Item {
  readonly input: Message
  readonly options: { readonly id?: string; readonly headers: Readonly<Record<string, string>> }
}

/** Brings messages to the queue, as many at a time as the intake allows. */
export class Delivery {
  readonly #options: DeliveryOptions

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  /**
   * Answers by index, in bounded time. With a key each message is sent once as far as this process remembers, and under the same id each time.
   * @throws ClientError when the key was used for something else; whatever is the service's own fault
   */
  async deliver(messages: readonly Message[], call: Call): Promise<readonly Outcome[]> {
    const { intake, patience } = this.#options
    const release = intake.take(messages.length)
    if (release === undefined) return messages.map(() => refused(BUSY))
    // The room is free when SQS has answered, not when the caller has lost patience.
    const delivered = this.#deliver(messages, call).finally(release)
    return within(patience, delivered, () => messages.map(() => refused(SLOW)))
  }

  async #deliver(messages: readonly Message[], { requestId, key }: Call): Promise<readonly Outcome[]> {
    const headers = { [REQUEST_ID]: requestId }
    if (key === undefined) return this.#send(messages.map((input) => ({ input, options: { headers } })))
    const known = this.#options.keys.recall(key, contentDigest(messages))
    // A repeat that comes while the first call is on its way waits for what becomes of it.
    const sent = known.turn.then(async () => {
      const ids = messages.map((message, index) => messageId(key, index, message))
      const missing = [...messages.keys()].filter((index) => !known.accepted.has(ids[index]!))
      const outcomes = await this.#send(
        missing.map((index) => ({ input: messages[index]!, options: { id: ids[index]!, headers } })),
      )
      const answers: Outcome[] = ids.map((id) => ({ status: 'accepted', id }))
      missing.forEach((index, at) => (answers[index] = outcomes[at]!))
      for (const answer of answers) if (answer.status === 'accepted') known.accepted.add(answer.id)
      return answers
    })
    known.turn = sent.catch(() => {})
    return sent
  }

  async #send(items: readonly Item[]): Promise<readonly Outcome[]> {
    const { queue, job } = this.#options
    try {
      const receipts = await queue.enqueueMany(job, items)
      return receipts.map((receipt) =>
        receipt.status === 'refused'
          ? refused(refusalOf(receipt.error))
          : { status: 'accepted', id: receipt.ticket.id },
      )
    } catch (error) {
      const refusal = refusalOf(error)
      return items.map(() => refused(refusal))
    }
  }
}

function refused(refusal: Refusal): Outcome {
  return { status: 'refused', ...refusal }
}

/** What the promise gives, or something else when that takes too long. */
async function within<T>(patience: number, promise: Promise<T>, otherwise: () => T): Promise<T> {
  const { promise: late, resolve } = Promise.withResolvers<T>()
  const timer = setTimeout(() => resolve(otherwise()), patience)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
