import { expect, it } from 'vitest'
import type { NewJob, Report } from '../adapter.ts'
import {
  createWorker,
  defineJob,
  handle,
  handleMany,
  memoryBackend,
  type,
  type JobInfo,
  type MemoryBackend,
} from '../index.ts'
import { VirtualClock } from '../testing.ts'

const job = defineJob('test.job', { input: type<unknown>() })

it('a worker that closes while a beginning is being put on record gives that job back', async () => {
  const { clock, backend } = await crashed(['one'], 1)
  const report = backend.report.bind(backend)
  const slow = Object.assign(backend, {
    report: (reports: readonly Report[]) => later(clock, 50, () => report(reports)),
  })
  const worker = createWorker(slow, [handle(job, () => {})], { runtime: { clock } })
  await worker.start()
  await clock.advance(10)
  const closed = worker.close()
  await clock.advance(10)
  await closed
  const [record] = await backend.inspect.find(['one'])
  expect(record).toMatchObject({ state: 'waiting', crashes: 1 })
})

it('a job that comes after a wait is not taken for one that was claimed too far ahead', async () => {
  const { clock, backend } = await crashed(['one'], 1)
  await backend.claim({ queue: 'default', limit: 1, lease: 1_000, wait: 0 }, new AbortController().signal)
  const report = backend.report.bind(backend)
  const slow = Object.assign(backend, {
    report: (reports: readonly Report[]) => later(clock, 300, () => report(reports)),
  })
  const told: string[] = []
  const worker = createWorker(slow, [handle(job, () => {})], { runtime: { clock } })
  worker.on('released', (_, { reason }) => told.push(reason))
  worker.on('completed', ({ attempt }) => told.push(`completed ${attempt}`))
  await worker.start()
  await clock.advance(1_400)
  expect(told).toEqual(['completed 3'])
})

it('jobs that come after a wait may wait for each other', async () => {
  const { clock, backend } = await crashed(['one', 'two'], 2)
  await backend.claim({ queue: 'default', limit: 2, lease: 1_000, wait: 0 }, new AbortController().signal)
  const report = backend.report.bind(backend)
  const slow = Object.assign(backend, {
    report: (reports: readonly Report[]) => later(clock, 100, () => report(reports)),
  })
  const told: string[] = []
  const worker = createWorker(slow, [handle(job, () => {})], { runtime: { clock } })
  worker.on('released', ({ id }, { reason }) => told.push(`${id} ${reason}`))
  worker.on('completed', ({ id }) => told.push(`${id} completed`))
  await worker.start()
  await clock.advance(1_400)
  expect(told).toEqual(['one completed', 'two completed'])
})

it('a job that was cancelled before its handler was started has no handler to give up', async () => {
  const { clock, backend } = await crashed(['one', 'two'], 2)
  const told: string[] = []
  const stuck = handle(job, () => new Promise(() => {}))
  const worker = createWorker(backend, [stuck], { lease: '600ms', abortGrace: '20ms', runtime: { clock } })
  for (const event of ['abandoned', 'released', 'cancelled', 'lost', 'failed'] as const) {
    worker.on(event, ({ id }: JobInfo) => told.push(`${id} ${event}`))
  }
  await worker.start()
  await clock.advance(100)
  await backend.operate.cancel([{ id: 'two', keep: 1_000 }])
  await clock.advance(400)
  expect(told).toEqual(['two released'])
})

it('each suspect is begun once', async () => {
  const { clock, backend } = await crashed(['one', 'two'], 2)
  const begun: string[] = []
  const report = backend.report.bind(backend)
  Object.assign(backend, {
    report: (reports: readonly Report[]) => {
      begun.push(...reports.map(({ lease }) => lease.id))
      return report(reports)
    },
  })
  const done: string[] = []
  const many = handleMany(job, (jobs) => void done.push(...jobs.map(({ job: { id } }) => id)))
  const worker = createWorker(backend, [many], { runtime: { clock } })
  await worker.start()
  await clock.advance(5_000)
  expect(begun).toEqual(['one', 'two'])
  expect(done).toEqual(['one', 'two'])
  await worker.close()
})

it('suspects that wait for each other keep their places: nothing is claimed to take them', async () => {
  const { clock, backend } = await crashed(['one', 'two', 'three'], 2)
  const begun: string[] = []
  const stuck = handle(job, (_, { job: { id } }) => {
    begun.push(id)
    return new Promise(() => {})
  })
  const worker = createWorker(backend, [stuck], { concurrency: 3, claimAhead: 0, runtime: { clock } })
  await worker.start()
  await clock.advance(100)
  await backend.enqueue(['four', 'five'].map(jobOf))
  await clock.advance(100)
  expect(begun).toEqual(['one'])
  expect(await backend.inspect.counts('default')).toMatchObject({ active: 3, waiting: 2 })
})

it.each([
  ['handler', (onStart: () => void) => handle(job, onStart)],
  ['handler of many', (onStart: () => void) => handleMany(job, onStart)],
])('a %s is not started when its lease may be over', async (_, handlerOf) => {
  const { clock, backend } = await crashed(['one'], 0)
  const claim = backend.claim.bind(backend)
  const slow = Object.assign(backend, {
    claim: (...args: Parameters<typeof claim>) => later(clock, 800, () => claim(...args)),
    exchange: undefined,
  })
  const started: string[] = []
  const handler = handlerOf(() => void started.push('one'))
  const worker = createWorker(slow, [handler], { lease: '1s', runtime: { clock } })
  const released: string[] = []
  worker.on('released', ({ id }, { reason }) => released.push(`${id} ${reason}`))
  await worker.start()
  await clock.advance(850)
  expect(started).toEqual([])
  expect(released).toEqual(['one lost'])
})

function jobOf(id: string): NewJob {
  return { id, queue: 'default', name: job.name, payload: '{}', headers: {} }
}

/** Jobs that have taken their worker down so often. */
async function crashed(
  ids: readonly string[],
  crashes: number,
): Promise<{ clock: VirtualClock; backend: MemoryBackend }> {
  const clock = new VirtualClock()
  const backend = memoryBackend({ clock })
  await backend.open()
  await backend.enqueue(ids.map(jobOf))
  for (let crash = 0; crash < crashes; crash++) {
    const request = { queue: 'default', limit: ids.length, lease: 1_000, wait: 0 }
    const claimed = await backend.claim(request, new AbortController().signal)
    await backend.report(claimed.map(({ lease }) => ({ lease, begun: true })))
    await clock.advance(1_000)
  }
  return { clock, backend }
}

function later<Reply>(clock: VirtualClock, delay: number, call: () => Promise<Reply>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const reply = call()
    clock.schedule(delay, () => void reply.then(resolve, reject))
  })
}
