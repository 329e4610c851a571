import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createQueue, createWorker, defineJob, handle, type, type Backend } from '@jobport/core'
import type { Input } from './input.ts'
import type { System } from './system.ts'

export interface JobportOptions {
  readonly backend: Backend
  readonly configuration: string
  /** Our packages at work, and engines below them with their versions. */
  readonly packages: readonly string[]
  readonly engines?: Readonly<Record<string, string>>
}

/** A system of ours: queue and worker of core with their defaults, on the given backend. */
export function jobport({ backend, configuration, packages, engines }: JobportOptions): System {
  const job = defineJob('bench', { input: type<Input>() })
  const queue = createQueue(backend)
  return {
    configuration,
    versions: { ...Object.fromEntries(packages.map((name) => [name, versionOf(name)])), ...engines },
    async prepare() {
      await queue.open()
    },
    enqueueOne: (input) => queue.enqueue(job, input),
    async enqueueMany(inputs) {
      const receipts = await queue.enqueueMany(
        job,
        inputs.map((input) => ({ input })),
      )
      const odd = receipts.find(({ status }) => status !== 'enqueued')
      if (odd !== undefined) throw new Error(`a job was ${odd.status}`, { cause: odd })
    },
    async work(concurrency, run) {
      const worker = createWorker(backend, [handle(job, run)], { concurrency })
      await worker.start()
      return {
        settled: () => (worker.isIdle ? Promise.resolve() : new Promise((resolve) => worker.once('idle', resolve))),
        stop: () => worker.close(),
      }
    },
    async unfinished() {
      const { waiting, scheduled, active } = await queue.inspect.counts(job.queue)
      return waiting + scheduled + active
    },
    async close() {
      await queue.close()
      await backend.close()
    },
  }
}

function versionOf(name: string): string {
  const file = fileURLToPath(import.meta.resolve(`${name}/package.json`))
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version
}
