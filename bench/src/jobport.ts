import { createQueue, createWorker, defineJob, handle, type, type Backend, type Instrumentation } from '@jobport/core'
import { inputSchema, type Input } from './input.ts'
import type { System } from './system.ts'
import { versionsOf } from './versions.ts'

export interface JobportOptions {
  readonly backend: Backend
  readonly configuration: string
  /** Our packages at work, and engines below them with their versions. */
  readonly packages: readonly string[]
  readonly engines?: Readonly<Record<string, string>>
  /** Of further workers, by name. */
  readonly instrumentations?: Readonly<Record<string, Instrumentation>>
}

/** As many as an enqueue of many may have, which every backend takes in its stride. */
const PURGED = 1_000

/** A system of ours: queue and worker of core with their defaults, on the given backend. */
export function jobport(options: JobportOptions): System {
  const { backend, configuration, packages, engines, instrumentations = {} } = options
  const job = defineJob('bench', { input: type<Input>() })
  const checked = defineJob('bench', { input: inputSchema })
  const queue = createQueue(backend)
  const work =
    (instrumentation?: Instrumentation): System['work'] =>
    async (concurrency, run) => {
      const worker = createWorker(backend, [handle(job, run)], {
        concurrency,
        ...(instrumentation && { instrumentation }),
      })
      await worker.start()
      return {
        settled: () => (worker.isIdle ? Promise.resolve() : new Promise((resolve) => worker.once('idle', resolve))),
        stop: () => worker.close(),
      }
    }
  return {
    configuration,
    versions: { ...versionsOf(...packages), ...engines },
    async prepare() {
      await queue.open()
    },
    enqueueOne: (input) => queue.enqueue(job, input),
    enqueueChecked: (input) => queue.enqueue(checked, input),
    async enqueueMany(inputs) {
      const receipts = await queue.enqueueMany(
        job,
        inputs.map((input) => ({ input })),
      )
      const odd = receipts.find(({ status }) => status !== 'enqueued')
      if (odd !== undefined) throw new Error(`a job was ${odd.status}`, { cause: odd })
    },
    work: work(),
    variants: Object.fromEntries(Object.entries(instrumentations).map(([name, each]) => [name, work(each)])),
    ...(backend.features.state && {
      async unfinished() {
        const { waiting, scheduled, active } = await queue.inspect.counts(job.queue)
        return waiting + scheduled + active
      },
      async forgetFinished() {
        while ((await queue.operate.purge({ queue: job.queue, state: 'completed', limit: PURGED })) === PURGED);
      },
    }),
    async close() {
      await queue.close()
      await backend.close()
    },
  }
}
