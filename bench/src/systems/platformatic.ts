import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { Queue, RedisStorage, type Job } from '@platformatic/job-queue'
import { Acknowledged } from '../acknowledged.ts'
import type { Input } from '../input.ts'
import { redisUrl } from '../servers/redis.ts'
import type { CreateSystem } from '../system.ts'
import { versionsOf } from '../versions.ts'

/**
 * Milliseconds until the server has noticed that a stopped worker is gone. It does not wait for that, and a job that arrives
 * meanwhile goes to nobody.
 */
const FAREWELL = 50

export const create: CreateSystem = () => {
  const queue = open(1)
  const enqueueOne = async (input: Input): Promise<void> => {
    const { status } = await queue.enqueue(randomUUID(), input)
    if (status !== 'queued') throw new Error(`a job was ${status}`)
  }
  return {
    configuration: 'defaults, RedisStorage, no reaper; it has no bulk call: 1000 concurrent enqueues instead',
    versions: versionsOf('@platformatic/job-queue'),
    prepare: () => queue.start(),
    enqueueOne,
    async enqueueMany(inputs) {
      await Promise.all(inputs.map(enqueueOne))
    },
    async work(concurrency, handle) {
      const acknowledged = new Acknowledged()
      const worker = open(concurrency)
      worker.on('completed', () => acknowledged.acknowledged())
      worker.execute(async ({ payload }: Job<Input>) => {
        acknowledged.handled()
        await handle(payload)
        return null
      })
      await worker.start()
      return {
        settled: () => acknowledged.settled(),
        async stop() {
          await worker.stop()
          await setTimeout(FAREWELL)
        },
      }
    },
    close: () => queue.stop(),
  }
}

function open(concurrency: number): Queue<Input, null> {
  return new Queue({ storage: new RedisStorage({ url: redisUrl() }), concurrency })
}
