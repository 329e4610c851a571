import { DeleteQueueCommand, ListQueuesCommand } from '@aws-sdk/client-sqs'
import type { Harness } from '@jobport/conformance'
import { sqsBackend } from '../src/index.ts'
import { plainClient, reach } from './server.ts'

/** The suite on standard or FIFO queues. Instances of one namespace have the same queues. */
export function serverHarness(fifo: boolean): Harness {
  return {
    name: fifo ? 'sqs-fifo' : 'sqs',
    durable: true,
    unit: 2_000,
    skip: {
      'A2.20':
        'a request that waits cannot be called back: a job that comes after the abort goes back at once, and has cost an attempt; faults.test.ts tries it',
      ...(fifo && { 'F2.2': 'the emulator hands out one message of a FIFO queue a request' }),
    },
    open: (namespace) =>
      sqsBackend({ fifo, sqs: reach(), prefix: `${namespace}-`, create: true, longPoll: '1s', warn: () => {} }),
    cleanup: removeQueues,
  }
}

export async function removeQueues(namespace: string): Promise<void> {
  const client = plainClient()
  const { QueueUrls = [] } = await client.send(new ListQueuesCommand({ QueueNamePrefix: `${namespace}-` }))
  await Promise.all(QueueUrls.map((QueueUrl) => client.send(new DeleteQueueCommand({ QueueUrl }))))
  client.destroy()
}
