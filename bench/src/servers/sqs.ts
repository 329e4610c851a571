import { DeleteQueueCommand, ListQueuesCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs'
import type { ConnectServer } from '../server.ts'
import { versionsOf } from '../versions.ts'

/** How every system reaches the suite's own emulator. */
export function sqsClientOptions(): SQSClientConfig {
  return {
    endpoint: process.env['SQS_URL']!,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  }
}

export const connectSqs: ConnectServer = async () => {
  const client = new SQSClient(sqsClientOptions())
  return {
    description: `fauxqs ${versionsOf('fauxqs')['fauxqs']}, an emulator in one thread of Node: absolute figures are its, not those of Amazon SQS`,
    async reset() {
      const { QueueUrls = [] } = await client.send(new ListQueuesCommand())
      await Promise.all(QueueUrls.map((QueueUrl) => client.send(new DeleteQueueCommand({ QueueUrl }))))
    },
    bytes: () => Promise.reject(new Error('the emulator does not tell what it stores')),
    // It is a process of its own, which does not tell either.
    cpuSeconds: async () => undefined,
    close: async () => client.destroy(),
  }
}
