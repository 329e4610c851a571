import { CreateQueueCommand, GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { BackendError, isBackendFailure } from '@jobport/core/adapter'
import type { Calls } from '../client/calls.ts'
import { NAME } from '../limits.ts'
import type { Settings } from '../options.ts'
import { attributesOfDead, attributesOfQueue, check, LOOKED_AT, type Attributes } from './attributes.ts'
import { deadName, queueName } from './names.ts'
import type { Queue, VerifiedQueue } from './queue.ts'

/** Finds queues, creates and checks them: each once, and again after it was gone. */
export class Queues {
  readonly #client: SQSClient
  readonly #calls: Calls
  readonly #settings: Settings
  readonly #found = new Map<string, Promise<Queue>>()
  readonly #verified = new Map<string, Promise<VerifiedQueue>>()

  constructor(client: SQSClient, calls: Calls, settings: Settings) {
    this.#client = client
    this.#calls = calls
    this.#settings = settings
  }

  /** Enough to send to it. */
  find(name: string): Promise<Queue> {
    return remember(this.#found, name, () => this.#find(name))
  }

  /** Enough to work on it. */
  verify(name: string): Promise<VerifiedQueue> {
    return remember(this.#verified, name, () => this.#verify(name))
  }

  /** What a queue is called in SQS. */
  nameOf(name: string): string {
    const { urls, prefix, fifo } = this.#settings
    return Object.hasOwn(urls, name) ? urls[name]!.split('/').at(-1)! : queueName(prefix, name, fifo)
  }

  /** Whatever was known of a queue that turned out to be missing. */
  forget(name: string): void {
    this.#found.delete(name)
    this.#verified.delete(name)
  }

  /** A queue that was used already, if any was. */
  async any(): Promise<Queue | undefined> {
    for (const found of this.#found.values()) {
      const queue = await found.catch(() => undefined)
      if (queue !== undefined) return queue
    }
    return undefined
  }

  async warnings(): Promise<readonly string[]> {
    const all = await Promise.allSettled(this.#verified.values())
    return all.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value.warnings : []))
  }

  async #find(name: string): Promise<Queue> {
    const { urls, prefix, fifo, create } = this.#settings
    const url = Object.hasOwn(urls, name) ? urls[name]! : undefined
    if (url !== undefined) return { name, url }
    const called = queueName(prefix, name, fifo)
    try {
      return { name, url: await this.#urlOf(called) }
    } catch (error) {
      if (!create || !isBackendFailure(error) || error.code !== 'not-found') throw error
      return { name, url: await this.#create(name, called) }
    }
  }

  async #create(name: string, called: string): Promise<string> {
    const { prefix, fifo } = this.#settings
    const dead = await this.#createOne(deadName(prefix, name, fifo), attributesOfDead(this.#settings))
    const { QueueArn } = await this.attributes(dead, ['QueueArn'])
    return this.#createOne(called, attributesOfQueue(this.#settings, QueueArn!))
  }

  async #createOne(called: string, attributes: Attributes): Promise<string> {
    const command = new CreateQueueCommand({ QueueName: called, Attributes: attributes })
    const { QueueUrl } = await this.#calls.make({ operation: `CreateQueue ${called}`, url: undefined }, () =>
      this.#client.send(command),
    )
    return QueueUrl!
  }

  async #verify(name: string): Promise<VerifiedQueue> {
    const queue = await this.find(name)
    if (!this.#settings.verify) {
      const { prefix, fifo } = this.#settings
      return { ...queue, dead: await this.#urlOf(deadName(prefix, name, fifo)), warnings: [] }
    }
    const { policy, warnings } = check(queue.url, await this.attributes(queue.url, LOOKED_AT), this.#settings)
    const [account, called] = policy.deadLetterTargetArn.split(':').slice(-2) as [string, string]
    return { ...queue, dead: await this.#urlOf(called, account), warnings }
  }

  /** What SQS says about a queue, now. */
  async attributes(url: string, names: readonly (keyof Attributes)[]): Promise<Attributes> {
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] })
    const { Attributes = {} } = await this.#calls.make({ operation: 'GetQueueAttributes', url, apart: true }, () =>
      this.#client.send(command),
    )
    return Attributes
  }

  async #urlOf(called: string, account?: string): Promise<string> {
    const command = new GetQueueUrlCommand({
      QueueName: called,
      ...(account !== undefined && { QueueOwnerAWSAccountId: account }),
    })
    const { QueueUrl } = await this.#calls.make(
      { operation: `GetQueueUrl ${called}`, url: undefined, apart: true },
      () => this.#client.send(command),
    )
    if (QueueUrl === undefined) throw new BackendError('internal', NAME, `SQS knows no URL of the queue ${called}`)
    return QueueUrl
  }
}

/** One look for all that ask at the same time; a failure is not remembered. */
function remember<T>(known: Map<string, Promise<T>>, name: string, look: () => Promise<T>): Promise<T> {
  const before = known.get(name)
  if (before !== undefined) return before
  const looking = look()
  known.set(name, looking)
  looking.catch(() => {
    if (known.get(name) === looking) known.delete(name)
  })
  return looking
}
