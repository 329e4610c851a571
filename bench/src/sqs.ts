import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs'
import type { Input } from './input.ts'
import { sqsClientOptions } from './servers/sqs.ts'

/** Entries in a request. */
export const BATCH = 10

/** A queue by the raw SDK, with the defaults of its client: what the peers stand on. */
export class RawQueue {
  readonly client = new SQSClient(sqsClientOptions())
  readonly #name: string
  #url = ''

  constructor(name: string) {
    this.#name = name
  }

  get url(): string {
    return this.#url
  }

  async prepare(): Promise<void> {
    const { QueueUrl } = await this.client.send(new CreateQueueCommand({ QueueName: this.#name }))
    this.#url = QueueUrl!
  }

  send(input: Input): Promise<unknown> {
    return this.client.send(new SendMessageCommand({ QueueUrl: this.#url, MessageBody: JSON.stringify(input) }))
  }

  async sendMany(inputs: readonly Input[]): Promise<void> {
    const requests: Promise<unknown>[] = []
    for (let from = 0; from < inputs.length; from += BATCH) {
      const Entries = inputs
        .slice(from, from + BATCH)
        .map((input, index) => ({ Id: String(index), MessageBody: JSON.stringify(input) }))
      requests.push(this.client.send(new SendMessageBatchCommand({ QueueUrl: this.#url, Entries })))
    }
    await Promise.all(requests)
  }

  async remove(messages: readonly Message[]): Promise<void> {
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle: ReceiptHandle! }))
    await this.client.send(new DeleteMessageBatchCommand({ QueueUrl: this.#url, Entries }))
  }

  unfinished(): Promise<number> {
    return unfinished(this.client, this.#url)
  }

  /**
   * As `unfinished`, for systems whose requests for messages are broken off when they stop. The emulator does not see that: such a request goes on waiting, and is given ten of the
   * next messages, which nobody sees again before their visibility ends. So an empty queue is replaced by a new one, for which nobody waits.
   */
  async finish(): Promise<number> {
    const left = await this.unfinished()
    if (left > 0) return left
    await this.client.send(new DeleteQueueCommand({ QueueUrl: this.#url }))
    await this.prepare()
    return 0
  }
}

/** Messages that are waiting, delayed or received and not removed. */
async function unfinished(client: SQSClient, url: string): Promise<number> {
  const names = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesDelayed',
    'ApproximateNumberOfMessagesNotVisible',
  ] as const
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] })
  const { Attributes = {} } = await client.send(command)
  return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0)
}

/** As `unfinished`, of a queue by its name. */
export async function unfinishedIn(name: string): Promise<number> {
  const client = new SQSClient(sqsClientOptions())
  try {
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }))
    return await unfinished(client, QueueUrl!)
  } finally {
    client.destroy()
  }
}
