import Queue from 'bee-queue'
import { Acknowledged } from '../acknowledged.ts'
import type { Input } from '../input.ts'
import { redisUrl } from '../servers/redis.ts'
import type { CreateSystem } from '../system.ts'
import { versionsOf } from '../versions.ts'

const NAME = 'bench'

export const create: CreateSystem = ({ scenario }) => {
  const lean = scenario !== 'bytes'
  const settings = {
    redis: { url: redisUrl() },
    getEvents: false,
    sendEvents: false,
    storeJobs: false,
    removeOnSuccess: lean,
  }
  const queue = new Queue<Input>(NAME, { ...settings, isWorker: false })
  return {
    configuration: 'no events, removeOnSuccess, but the default for the bytes; saveAll for many; one worker queue',
    versions: versionsOf('bee-queue'),
    async prepare() {
      await queue.ready()
    },
    enqueueOne: (input) => queue.createJob(input).save(),
    async enqueueMany(inputs) {
      const errors = await queue.saveAll(inputs.map((input) => queue.createJob(input)))
      for (const error of errors.values()) throw error
    },
    async work(concurrency, handle) {
      const acknowledged = new Acknowledged()
      const worker = new Queue<Input>(NAME, settings)
      worker.on('succeeded', () => acknowledged.acknowledged())
      await worker.ready()
      worker.process(concurrency, ({ data }: Queue.Job<Input>) => {
        acknowledged.handled()
        return handle(data)
      })
      return { settled: () => acknowledged.settled(), stop: () => worker.close() }
    },
    async unfinished() {
      const { waiting, active, delayed, failed } = await queue.checkHealth()
      return waiting + active + delayed + failed
    },
    close: () => queue.close(),
  }
}
