import { Queue, Worker } from 'bullmq'
import { Acknowledged } from '../acknowledged.ts'
import type { Input } from '../input.ts'
import { redisUrl } from '../servers/redis.ts'
import type { CreateSystem } from '../system.ts'
import { versionsOf } from '../versions.ts'

const NAME = 'bench'

export const create: CreateSystem = ({ scenario }) => {
  const connection = { url: redisUrl() }
  // By default completed jobs stay for ever, which is slower.
  const defaultJobOptions = { removeOnComplete: scenario !== 'bytes' }
  const queue = new Queue<Input>(NAME, { connection, defaultJobOptions })
  return {
    configuration:
      'removeOnComplete, but defaults for the bytes; addBulk for many; one Worker, the locks and stall checks of the defaults',
    versions: versionsOf('bullmq', 'ioredis'),
    async prepare() {
      await queue.waitUntilReady()
    },
    enqueueOne: (input) => queue.add(NAME, input),
    async enqueueMany(inputs) {
      await queue.addBulk(inputs.map((data) => ({ name: NAME, data })))
    },
    async work(concurrency, handle) {
      const acknowledged = new Acknowledged()
      const run = ({ data }: { readonly data: Input }): Promise<void> => {
        acknowledged.handled()
        return handle(data)
      }
      const worker = new Worker<Input>(NAME, run, { connection, concurrency })
      worker.on('completed', () => acknowledged.acknowledged())
      await worker.waitUntilReady()
      return { settled: () => acknowledged.settled(), stop: () => worker.close() }
    },
    async unfinished() {
      const counts = await queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active', 'failed')
      return Object.values(counts).reduce((sum, count) => sum + count, 0)
    },
    close: () => queue.close(),
  }
}
