import { ReceiveMessageCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs'
import { createQueue, defineJob, handle, memoryStore, Unrecoverable, type, withStore } from '@jobport/core'
import { expect, test } from 'vitest'
import { lambdaHandler, type LambdaRecord, type SqsBackend } from '../src/index.ts'
import { queueName } from '../src/queue/names.ts'
import { plainClient } from './server.ts'
import { job, QUEUE, stage, type Stage } from './stage.ts'

const double = defineJob('double', { input: type<{ n: number }>(), queue: QUEUE, retry: { retries: 3 } })
const context = { getRemainingTimeInMillis: () => 30_000 }

/** What Lambda does before it calls: receives, for as long as the queue says. */
async function received({ prefix }: Stage, fifo = false, count = 10): Promise<LambdaRecord[]> {
  const client = plainClient()
  const name = queueName(prefix, QUEUE, fifo)
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }))
  const records: LambdaRecord[] = []
  while (records.length < count) {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    })
    const { Messages = [] } = await client.send(command)
    for (const { MessageId, ReceiptHandle, Body, Attributes } of Messages) {
      records.push({
        messageId: MessageId!,
        receiptHandle: ReceiptHandle!,
        body: Body!,
        attributes: Attributes as never,
        messageAttributes: {},
        eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${name}`,
      })
    }
    if (Messages.length === 0) break
  }
  client.destroy()
  return records
}

test('only jobs that are over are done for Lambda: those that fail come again, dead ones are moved away', async () => {
  const set = await stage()
  const { backend, dead, sendRaw } = set
  const queue = createQueue(backend as unknown as SqsBackend<false>)
  await queue.enqueueMany(
    double,
    [1, 2, 3].map((n) => ({ input: { n } })),
  )
  await sendRaw('unreadable')
  const ran: number[] = []
  const run = lambdaHandler(
    [
      handle(double, ({ n }) => {
        ran.push(n)
        if (n === 2) throw new Error('again')
        if (n === 3) throw new Unrecoverable('never')
      }),
    ],
    { backend },
  )
  const records = await received(set)
  const { batchItemFailures } = await run({ Records: records }, context)
  expect(ran.toSorted((a, b) => a - b)).toEqual([1, 2, 3])
  const failed = records.find(({ body }) => body.includes('"n":2'))!
  expect(batchItemFailures).toEqual([{ itemIdentifier: failed.messageId }])
  expect(await dead()).toHaveLength(2)
  await queue.close()
})

test('what does not end in time comes again', async () => {
  const set = await stage()
  const queue = createQueue(set.backend as unknown as SqsBackend<false>)
  await queue.enqueue(double, { n: 1 })
  const aborted = Promise.withResolvers<void>()
  const run = lambdaHandler(
    [
      handle(
        double,
        (_, { signal }) =>
          new Promise((_, reject) =>
            signal.addEventListener('abort', () => (aborted.resolve(), reject(signal.reason as Error))),
          ),
      ),
    ],
    { backend: set.backend },
  )
  const records = await received(set)
  const { batchItemFailures } = await run({ Records: records }, { getRemainingTimeInMillis: () => 4_000 })
  await aborted.promise
  expect(batchItemFailures).toHaveLength(1)
  await queue.close()
})

test('an event with jobs of a store is refused before any job of it runs', async () => {
  const set = await stage()
  await set.backend.enqueue([job({ name: double.name, payload: '{"n":1}' })])
  const backend = withStore(set.backend as unknown as SqsBackend<false>, memoryStore())
  await backend.open()
  const queue = createQueue(backend)
  await queue.enqueue(double, { n: 2 })
  const ran: number[] = []
  const run = lambdaHandler([handle(double, ({ n }) => void ran.push(n))], { backend: set.backend })
  await expect(run({ Records: await received(set, false, 2) }, context)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('kept in a store'),
  })
  expect(ran).toEqual([])
  await queue.close()
  await backend.close()
})

test('a payload that cannot be fetched now comes again, and is no dead letter', async () => {
  const away = { put: async () => {}, get: () => Promise.reject(new Error('away')), delete: async () => {} }
  const set = await stage({ blobs: away })
  await set.backend.enqueue([job({ name: double.name, payload: JSON.stringify('x'.repeat(1_100_000)) })])
  const run = lambdaHandler([handle(double, () => {})], { backend: set.backend })
  const records = await received(set)
  const { batchItemFailures } = await run({ Records: records }, context)
  expect(batchItemFailures).toEqual([{ itemIdentifier: records[0]!.messageId }])
  expect(await set.dead()).toEqual([])
})

test('of a FIFO group nothing runs after a job that has to come again', async () => {
  const set = await stage({ fifo: true })
  const queue = createQueue(set.backend as unknown as SqsBackend<true>)
  const groups = ['a', 'b']
  await queue.enqueueMany(
    double,
    groups.map((group, n) => ({ input: { n }, options: { group } })),
  )
  const heads = await received(set, true, 2)
  // Lambda gets several of a group, which the emulator does not give out.
  const second = heads.map((record) => ({
    ...record,
    messageId: `${record.messageId}-2`,
    receiptHandle: `${record.receiptHandle}-2`,
    body: record.body.replace(/"id":"([^"]+)"/, '"id":"$1-2"').replace(/"n":(\d)/, '"n":1$1'),
  }))
  const ran: number[] = []
  const run = lambdaHandler(
    [
      handle(double, ({ n }) => {
        ran.push(n)
        if (n === 0) throw new Error('again')
      }),
    ],
    { backend: set.backend },
  )
  const { batchItemFailures } = await run({ Records: [...heads, ...second] }, context)
  expect(ran.toSorted((a, b) => a - b)).toEqual([0, 1, 11])
  const a = heads.find(({ body }) => body.includes('"n":0'))
  expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).toSorted()).toEqual(
    [a!.messageId, `${a!.messageId}-2`].toSorted(),
  )
  await queue.close()
})
