import { Consumer } from 'sqs-consumer'
import type { Message } from '@aws-sdk/client-sqs'
import { Acknowledged } from '../acknowledged.ts'
import type { Input } from '../input.ts'
import { BATCH, RawQueue } from '../sqs.ts'
import type { CreateSystem } from '../system.ts'
import { versionsOf } from '../versions.ts'

export const create: CreateSystem = () => {
  const queue = new RawQueue('bench')
  return {
    configuration: `one Consumer for each ten of concurrency, ${BATCH} messages a request, handled at once and removed together by handleMessageBatch; sends by the SDK, ${BATCH} a request for many`,
    versions: versionsOf('sqs-consumer', '@aws-sdk/client-sqs'),
    prepare: () => queue.prepare(),
    enqueueOne: (input) => queue.send(input),
    enqueueMany: (inputs) => queue.sendMany(inputs),
    async work(concurrency, handle) {
      const acknowledged = new Acknowledged()
      // It has no other way to do more than ten at a time.
      const consumers = Array.from({ length: Math.ceil(concurrency / BATCH) }, () => {
        const consumer = Consumer.create({
          queueUrl: queue.url,
          sqs: queue.client,
          batchSize: Math.min(BATCH, concurrency),
          handleMessageBatch: async (messages: Message[]) => {
            for (const _ of messages) acknowledged.handled()
            await Promise.all(messages.map(({ Body }) => handle(JSON.parse(Body!) as Input)))
            return messages
          },
        })
        consumer.on('response_processed', () => {})
        consumer.on('message_processed', () => acknowledged.acknowledged())
        consumer.on('error', (error) => console.error(error))
        consumer.start()
        return consumer
      })
      return {
        settled: () => acknowledged.settled(),
        async stop() {
          for (const consumer of consumers) consumer.stop({ abort: true })
        },
      }
    },
    unfinished: () => queue.finish(),
    close: async () => queue.client.destroy(),
  }
}
