import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { ReceiveMessageCommand, SendMessageCommand, GetQueueUrlCommand, type Message } from '@aws-sdk/client-sqs'
import { systemClock, type ClaimedJob, type Clock, type NewJob } from '@jobport/core/adapter'
import type { SqsBackendOptions } from '../src/index.ts'
import { settingsOf } from '../src/options.ts'
import { deadName, queueName } from '../src/queue/names.ts'
import { SqsAdapter } from '../src/sqs-backend.ts'
import { FaultLayer } from './fault-layer.ts'
import { removeQueues } from './harness.ts'
import { plainClient, reach } from './server.ts'

export interface Stage {
  readonly backend: SqsAdapter
  readonly layer: FaultLayer
  readonly prefix: string
  readonly warnings: string[]
  readonly retries: { readonly operation: string; readonly entries: number }[]
  /** Another backend on the same queues. */
  another(options?: SqsBackendOptions): Promise<SqsAdapter>
  claim(limit?: number, wait?: number, lease?: number): Promise<readonly ClaimedJob[]>
  /** A message by another program. */
  sendRaw(body: string, attributes?: Record<string, string>): Promise<void>
  /** What lies in the dead-letter queue. */
  dead(): Promise<readonly Message[]>
}

export const QUEUE = 'work'

let serial = 0
export const job = (rest: Partial<NewJob> = {}): NewJob => ({
  id: `job-${++serial}`,
  queue: QUEUE,
  name: 'test',
  payload: '{"a":1}',
  headers: {},
  ...rest,
})

export const jobs = (count: number, rest: Partial<NewJob> = {}): NewJob[] =>
  Array.from({ length: count }, () => job(rest))

/** A backend on queues of its own, behind a fault layer. */
export async function stage(options: SqsBackendOptions = {}, clock: Clock = systemClock): Promise<Stage> {
  const layer = await FaultLayer.start()
  const prefix = `f${randomBytes(5).toString('hex')}-`
  const warnings: string[] = []
  const retries: Stage['retries'] = []
  const client = plainClient()
  const opened: SqsAdapter[] = []
  const another: Stage['another'] = async (more = {}) => {
    const backend = new SqsAdapter(
      settingsOf({
        create: true,
        prefix,
        sqs: reach(layer.url),
        longPoll: '1s',
        warn: (message) => void warnings.push(message),
        onRetry: (retry) => void retries.push(retry),
        ...options,
        ...more,
      }),
      clock,
    )
    opened.push(backend)
    await backend.open()
    return backend
  }
  onTestFinished(async () => {
    layer.fault = (_, pass) => pass()
    await Promise.all(opened.map((backend) => backend.close()))
    client.destroy()
    await layer[Symbol.asyncDispose]()
    await removeQueues(prefix.slice(0, -1))
  })
  const backend = await another()
  const urlOf = async (QueueName: string): Promise<string> =>
    (await client.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl!
  const fifo = options.fifo ?? false
  return {
    backend,
    layer,
    prefix,
    warnings,
    retries,
    another,
    claim: (limit = 10, wait = 0, lease = 60_000) =>
      backend.claim({ queue: QUEUE, limit, lease, wait }, new AbortController().signal),
    async sendRaw(body, attributes = {}) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: await urlOf(queueName(prefix, QUEUE, fifo)),
          MessageBody: body,
          MessageAttributes: Object.fromEntries(
            Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
          ),
          ...(fifo && { MessageGroupId: 'raw', MessageDeduplicationId: body }),
        }),
      )
    },
    async dead() {
      const command = new ReceiveMessageCommand({
        QueueUrl: await urlOf(deadName(prefix, QUEUE, fifo)),
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 0,
        MessageAttributeNames: ['All'],
      })
      return (await client.send(command)).Messages ?? []
    },
  }
}
