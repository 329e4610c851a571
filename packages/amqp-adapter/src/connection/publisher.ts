import { BackendError, type Ms } from '@jobport/core/adapter'
import type { ChannelModel } from 'amqplib'
import { failure } from '../failure.ts'
import { NAME } from '../limits.ts'
import { Watch } from '../watch.ts'
import type { Outgoing } from '../wire/outgoing.ts'
import { writeDirectly } from './gather-writes.ts'
import { senderOn, type Sender } from './sender.ts'
import { within } from './within.ts'

/** `undefined`: the server has it, as safe as its queue is. */
export type Published = BackendError | undefined

export interface PublisherOptions {
  readonly confirmTimeout: Ms
  /** Why the server takes nothing just now. */
  readonly blocked: () => string | undefined
  readonly unblocked: () => Promise<void>
  /** The server has ended the channel, but not the connection. */
  readonly onChannelLost: () => void
}

/**
 * Sends messages that must reach a queue, and tells of each one whether it did: confirmed by the server, returned by it because there is no such queue, refused, or not
 * known.
 */
export class Publisher {
  readonly #options: PublisherOptions
  readonly #unconfirmed = new Set<Unconfirmed>()
  readonly #watch = new Watch((now) => this.#giveUp(now))
  #sender: Sender | undefined
  /** How many messages of a key came back and have not been confirmed yet; the server confirms them right afterwards. */
  readonly #returned = new Map<string, number>()

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  /** Begins to use a new connection. */
  async attach(connection: ChannelModel): Promise<void> {
    const channel = await connection.createConfirmChannel()
    writeDirectly(channel)
    const sender = senderOn(channel)
    let reason: Error | undefined
    channel.on('error', (error) => void (reason = error))
    channel.on('return', (message) => {
      const key = keyOf(message.fields.routingKey, message.properties.messageId as string)
      this.#returned.set(key, (this.#returned.get(key) ?? 0) + 1)
    })
    channel.on('close', () => {
      if (this.#sender !== sender) return
      this.#sender = undefined
      this.#watch.stop()
      this.#returned.clear()
      if (reason === undefined) return
      this.#options.onChannelLost()
      // Without a connection this fails, and the next one brings a channel.
      this.attach(connection).catch(() => {})
    })
    this.#sender = sender
  }

  /** Sends all, and answers by index. Never rejects. */
  async publish(messages: readonly Outgoing[]): Promise<readonly Published[]> {
    const refused = this.#options.blocked() === undefined ? undefined : await this.#untilFree()
    if (refused !== undefined) return messages.map(() => refused)
    const sender = this.#sender
    if (sender === undefined) return messages.map(() => disconnected())
    return this.#send(sender, messages)
  }

  #send(sender: Sender, messages: readonly Outgoing[]): Promise<readonly Published[]> {
    return new Promise((resolve) => {
      const answers: (Published | typeof OPEN)[] = messages.map(() => OPEN)
      let left = messages.length
      const answer = (index: number, published: Published): void => {
        if (answers[index] !== OPEN) return
        answers[index] = published
        if (--left > 0) return
        this.#unconfirmed.delete(sent)
        resolve(answers as readonly Published[])
      }
      const sent: Unconfirmed = {
        until: performance.now() + this.#options.confirmTimeout,
        giveUp: (reason) => messages.forEach((_, index) => answer(index, reason)),
      }
      this.#unconfirmed.add(sent)
      this.#watch.at(sent.until)
      messages.forEach((message, index) => {
        try {
          sender.add(message, (error) =>
            answer(
              index,
              error === null ? this.#wasReturned(message.key, message.properties.messageId) : unconfirmed(error),
            ),
          )
        } catch (error) {
          answer(index, failure(error, { outcome: 'none' }))
        }
      })
      sender.flush()
    })
  }

  #giveUp(now: Ms): Ms {
    let next = Infinity
    for (const sent of this.#unconfirmed) {
      if (sent.until <= now) sent.giveUp(this.#late())
      else next = Math.min(next, sent.until)
    }
    return next
  }

  /** While the server takes nothing, nothing is sent: it would only wait in some buffer, and be sent later all the same. */
  async #untilFree(): Promise<Published> {
    const { blocked, unblocked, confirmTimeout } = this.#options
    await within(confirmTimeout, unblocked()).catch(() => {})
    const reason = blocked()
    if (reason === undefined) return undefined
    return new BackendError('throttled', NAME, `the server takes no messages: blocked, ${reason}`, { outcome: 'none' })
  }

  #late(): BackendError {
    const { blocked, confirmTimeout } = this.#options
    const reason = blocked()
    return new BackendError(
      'unavailable',
      NAME,
      `the server has not confirmed a message within ${confirmTimeout} ms${reason === undefined ? '' : `: blocked, ${reason}`}`,
    )
  }

  #wasReturned(key: string, id: string): Published {
    if (this.#returned.size === 0) return undefined
    const returned = keyOf(key, id)
    const times = this.#returned.get(returned)
    if (times === undefined) return undefined
    if (times === 1) this.#returned.delete(returned)
    else this.#returned.set(returned, times - 1)
    return new BackendError('not-found', NAME, `no queue takes messages for ${key}; it was deleted, or never declared`)
  }
}

/** Messages that were sent together. */
interface Unconfirmed {
  /** Monotonic. */
  readonly until: Ms
  readonly giveUp: (reason: BackendError) => void
}

/** The server has not said yet what became of a message. */
const OPEN = Symbol('open')

function keyOf(key: string, id: string): string {
  return `${key} ${id}`
}

/** A refusal by a full queue, or trouble inside the server: it does not say which. */
function unconfirmed(error: Error): BackendError {
  if (error.message === 'message nacked') {
    const problem = 'the server refused a message; its queue is full or in trouble'
    return new BackendError('full', NAME, problem, { cause: error, outcome: 'unknown' })
  }
  return failure(error, { outcome: 'unknown' })
}

function disconnected(): BackendError {
  const problem = 'there is no connection to the server; is it up, and reachable from here?'
  return new BackendError('unavailable', NAME, problem, { outcome: 'none' })
}
