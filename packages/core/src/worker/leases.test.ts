import { expect, it } from 'vitest'
import { createQueue, createWorker, defineJob, handle, memoryBackend, type, type Worker } from '../index.ts'
import { VirtualClock } from '../testing.ts'

const job = defineJob('test.job', { input: type<{ after: number }>() })

it('a job that comes at the end of a long idle time keeps its lease for as long as it runs', async () => {
  const clock = new VirtualClock()
  const backend = memoryBackend({ clock })
  const told: string[] = []
  const work = handle(job, ({ after }, { signal }) => {
    signal.addEventListener('abort', () => told.push((signal.reason as Error).name))
    return new Promise((resolve) => clock.schedule(after, () => resolve(undefined)))
  })
  const worker = createWorker(backend, [work], { lease: '1s', runtime: { clock } })
  tellAll(worker, told)
  const queue = createQueue(backend, { runtime: { clock } })
  await worker.start()
  await clock.advance(19_500)
  await queue.enqueue(job, { after: 10 })
  await clock.advance(50)
  await queue.enqueue(job, { after: 3_000 })
  await clock.advance(3_100)
  expect(told).toEqual(['completed', 'completed'])
})

function tellAll(worker: Worker, told: string[]): void {
  for (const event of ['completed', 'failed', 'lost', 'abandoned', 'released'] as const) {
    worker.on(event, () => told.push(event))
  }
}
