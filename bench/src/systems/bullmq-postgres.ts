import { createPostgresBackend, withBackend } from 'bullmq'
import { Acknowledged } from '../acknowledged.ts'
import type { Input } from '../input.ts'
import { postgresUrl } from '../servers/postgres.ts'
import type { CreateSystem } from '../system.ts'
import { versionsOf } from '../versions.ts'

const NAME = 'bench'

const { Queue, Worker } = withBackend(createPostgresBackend)

export const create: CreateSystem = ({ scenario }) => {
  const connection = { connectionString: postgresUrl(), migrate: true }
  const queue = new Queue<Input>(NAME, { connection, defaultJobOptions: { removeOnComplete: scenario !== 'bytes' } })
  return {
    configuration:
      'createPostgresBackend, its own pool; removeOnComplete, but the default for the bytes; addBulk for many; one Worker',
    versions: versionsOf('bullmq', 'pg'),
    async prepare() {
      await queue.waitUntilReady()
    },
    enqueueOne: (input) => queue.add(NAME, input),
    async enqueueMany(inputs) {
      await queue.addBulk(inputs.map((data) => ({ name: NAME, data })))
    },
    async work(concurrency, handle) {
      const acknowledged = new Acknowledged()
      const worker = new Worker<Input>(
        NAME,
        ({ data }) => {
          acknowledged.handled()
          return handle(data)
        },
        { connection, concurrency },
      )
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
