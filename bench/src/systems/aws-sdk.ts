import { ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import type { Input } from '../input.ts'
import { BATCH, RawQueue } from '../sqs.ts'
import type { CreateSystem } from '../system.ts'
import { versionsOf } from '../versions.ts'

export const create: CreateSystem = () => {
  const queue = new RawQueue('bench')
  return {
    configuration: `the client's defaults; one loop for each ten of concurrency: receive ${BATCH}, handle them at once, remove them together; for many, ${BATCH} a request`,
    versions: versionsOf('@aws-sdk/client-sqs'),
    prepare: () => queue.prepare(),
    enqueueOne: (input) => queue.send(input),
    enqueueMany: (inputs) => queue.sendMany(inputs),
    async work(concurrency, handle) {
      const stop = new AbortController()
      let removing: Promise<unknown> = Promise.resolve()
      const work = async (): Promise<void> => {
        while (!stop.signal.aborted) {
          const command = new ReceiveMessageCommand({
            QueueUrl: queue.url,
            MaxNumberOfMessages: Math.min(BATCH, concurrency),
            WaitTimeSeconds: 20,
          })
          const { Messages = [] } = await queue.client.send(command, { abortSignal: stop.signal })
          if (Messages.length === 0) continue
          await Promise.all(Messages.map(({ Body }) => handle(JSON.parse(Body!) as Input)))
          const removed = queue.remove(Messages)
          removing = Promise.all([removing, removed])
          await removed
        }
      }
      const ended = (error: unknown): void => {
        if (!stop.signal.aborted) throw error
      }
      for (let loop = 0; loop < Math.ceil(concurrency / BATCH); loop++) void work().catch(ended)
      return {
        settled: async () => void (await removing),
        stop: async () => stop.abort(),
      }
    },
    unfinished: () => queue.finish(),
    close: async () => queue.client.destroy(),
  }
}
