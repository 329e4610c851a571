import {
  createQueue,
  createWorker,
  defineJob,
  fixed,
  handle,
  memoryBackend,
  type,
  type Backend,
  type Worker,
} from '@jobport/core'
import { VirtualClock } from '@jobport/core/testing'
import { expect, it } from 'vitest'
import { createMetrics } from '../index.ts'

const minute = 60_000
const apply = defineJob('account.apply', {
  /** How many attempts fail, and how long each lasts. */
  input: type<{ readonly fails: number; readonly lasts: readonly number[] }>(),
  queue: 'accounts',
  retry: { retries: 3, backoff: fixed('1m') },
})

/** A queue, and processes that work on it, each with metrics of its own. */
function stage() {
  const clock = new VirtualClock()
  const backend = memoryBackend({ clock })
  const queue = createQueue(backend, { runtime: { clock } })
  const done: string[] = []
  return {
    clock,
    backend,
    done,
    enqueue: async (id: string, group: string | undefined, fails: number, lasts: readonly number[] = []) =>
      queue.enqueue(apply, { fails, lasts }, { id, ...(group !== undefined && { group }) }),
    async process(on: Backend<any> = backend, timeout?: number) {
      const metrics = createMetrics({ clock, ...(timeout !== undefined && { timeout }) })
      const worker: Worker = createWorker(
        on,
        [
          handle(apply, async ({ fails, lasts }, { job }) => {
            const ms = lasts[job.failures]
            if (ms !== undefined) await new Promise<void>((resolve) => clock.schedule(ms, resolve))
            if (job.failures < fails) throw new Error('no such account')
            done.push(job.id)
          }),
        ],
        { runtime: { clock }, instrumentation: metrics, concurrency: 100 },
      )
      await worker.start()
      const blocked = async (): Promise<number | undefined> => {
        const samples = await metrics.read()
        const sample = samples.find(({ family }) => family === 'jobport_group_blocked_seconds')
        expect(sample!.labels).toEqual({ queue: 'accounts', job_name: 'account.apply' })
        return sample!.value as number
      }
      return { worker, blocked }
    },
  }
}

it('a group is blocked from the first failure of its first job until that is dead', async () => {
  const { clock, done, enqueue, process } = stage()
  const { blocked, worker } = await process()
  await enqueue('poison', 'a', 9)
  await enqueue('next', 'a', 0)
  await clock.advance(0)
  expect(await blocked()).toBe(0)
  await clock.advance(minute / 2)
  expect(await blocked()).toBe(30)
  await clock.advance(2 * minute)
  expect(await blocked()).toBe(150)
  expect(done).toEqual([])
  await clock.advance(minute)
  expect(done).toEqual(['next'])
  expect(await blocked()).toBe(0)
  await Promise.all([worker.close(), clock.advance(minute)])
})

it('or until it is completed, and jobs without a group block nobody', async () => {
  const { clock, done, enqueue, process } = stage()
  const { blocked, worker } = await process()
  await enqueue('alone', undefined, 9)
  await clock.advance(minute / 2)
  expect(await blocked()).toBe(0)
  await enqueue('flaky', 'a', 1)
  await clock.advance(minute - 1)
  expect(await blocked()).toBeCloseTo(60, 1)
  await clock.advance(1)
  expect(done).toEqual(['flaky'])
  expect(await blocked()).toBe(0)
  await Promise.all([worker.close(), clock.advance(minute)])
})

it('also while the next attempt runs, as long as the one before did', async () => {
  const { clock, enqueue, process } = stage()
  const { blocked, worker } = await process()
  await enqueue('slow', 'a', 9, [5 * minute, 5 * minute])
  await clock.advance(5 * minute)
  await clock.advance(5 * minute)
  expect(await blocked()).toBe(300)
  await clock.advance(2 * minute)
  expect(await blocked()).toBe(420)
  await Promise.all([worker.close(), clock.advance(minute)])
})

it('but not when that has made the job dead sooner, also where no backend says so', async () => {
  const { clock, backend, enqueue, process } = stage()
  const { blocked, worker } = await process(Object.assign(backend.peer(), { inspect: undefined }))
  await enqueue('slow', 'a', 9, [0, 0, 5 * minute])
  await clock.advance(8 * minute - 1)
  expect(await blocked()).toBeCloseTo(480, 1)
  await clock.advance(1)
  expect(await blocked()).toBe(0)
  await Promise.all([worker.close(), clock.advance(minute)])
})

it('of several groups the one that has been blocked for longest counts', async () => {
  const { clock, enqueue, process } = stage()
  const { blocked, worker } = await process()
  await enqueue('first', 'a', 1)
  await clock.advance(minute / 2)
  await enqueue('second', 'b', 1)
  await clock.advance(minute / 3)
  expect(await blocked()).toBe(50)
  await clock.advance(minute / 3)
  expect(await blocked()).toBe(40)
  await Promise.all([worker.close(), clock.advance(minute)])
})

it('a process that sees a job fail again knows that its group was blocked all the time in between', async () => {
  const { clock, backend, enqueue, process } = stage()
  const one = await process()
  await enqueue('poison', 'a', 9)
  await clock.advance(minute / 2)
  const other = await process(backend.peer())
  one.worker.pause()
  await clock.advance(minute)
  expect([await one.blocked(), await other.blocked()]).toEqual([0, 30])
  one.worker.resume()
  other.worker.pause()
  await clock.advance(minute)
  expect([await one.blocked(), await other.blocked()]).toEqual([150, 0])
  await Promise.all([one.worker.close(), other.worker.close(), clock.advance(minute)])
})

it('an operator who ends the wait ends it here as well, and the next group counts', async () => {
  const { clock, backend, enqueue, process } = stage()
  const { blocked, worker } = await process()
  await enqueue('poison', 'a', 9)
  await enqueue('other', 'b', 9)
  await clock.advance(minute / 4)
  await enqueue('mended', 'c', 1)
  await clock.advance(minute / 2)
  expect(await blocked()).toBe(45)
  await backend.operate.cancel([{ id: 'poison', keep: minute }])
  await backend.operate.remove(['other'])
  expect(await blocked()).toBe(30)
  await backend.operate.retry(['mended'])
  await clock.advance(1)
  expect(await blocked()).toBe(0)
  await Promise.all([worker.close(), clock.advance(minute)])
})

it('an operator who cancels a job and sends it back to work lets it begin anew', async () => {
  const { clock, backend, enqueue, process } = stage()
  const { blocked, worker } = await process()
  await enqueue('poison', 'a', 9)
  await clock.advance(minute / 2)
  worker.pause()
  await backend.operate.cancel([{ id: 'poison', keep: minute }])
  await backend.operate.retry(['poison'])
  expect(await blocked()).toBe(0)
  await Promise.all([worker.close(), clock.advance(minute)])
})

it('a job of another queue that has the same id says nothing', async () => {
  const { clock, backend, enqueue, process } = stage()
  await createQueue(backend).enqueue(defineJob('other', { input: type<number>() }), 1, { id: 'other' })
  await backend.operate.cancel([{ id: 'other', keep: minute }])
  const alike = Object.assign(backend.peer(), {
    inspect: { ...backend.inspect, find: () => backend.inspect.find(['other']) },
  })
  const { blocked, worker } = await process(alike)
  await enqueue('poison', 'a', 9)
  await clock.advance(minute / 2)
  expect(await blocked()).toBe(30)
  await Promise.all([worker.close(), clock.advance(minute)])
})

it('a job that was dead and is sent back to work begins anew', async () => {
  const { clock, backend, enqueue, process } = stage()
  const one = await process()
  await enqueue('poison', 'a', 9)
  await clock.advance(minute / 2)
  one.worker.pause()
  const other = await process(backend.peer())
  await clock.advance(3 * minute)
  await other.worker.close()
  expect((await backend.inspect.find(['poison']))[0]!.state).toBe('dead')
  await backend.operate.retry(['poison'])
  one.worker.resume()
  await clock.advance(minute / 4)
  expect(await one.blocked()).toBe(15)
  await Promise.all([one.worker.close(), clock.advance(minute)])
})

it('is told although the backend does not answer', async () => {
  const { clock, backend, enqueue, process } = stage()
  const silent = Object.assign(backend.peer(), {
    inspect: { ...backend.inspect, find: () => new Promise<never>(() => {}) },
  })
  const { blocked, worker } = await process(silent, 20)
  await enqueue('poison', 'a', 9)
  await clock.advance(minute / 2)
  expect(await blocked()).toBe(30)
  await Promise.all([worker.close(), clock.advance(minute)])
})

it('a thousand are remembered, those that are blocked before those that were', async () => {
  const { clock, enqueue, process } = stage()
  const { blocked, worker } = await process()
  await Promise.all(Array.from({ length: 1_000 }, (_, index) => enqueue(`flaky-${index}`, `${index}`, 1)))
  await clock.advance(minute / 2)
  await enqueue('one-too-many', 'a', 9)
  await clock.advance((minute * 3) / 4)
  expect(await blocked()).toBe(0)
  await clock.advance(minute / 2)
  expect(await blocked()).toBe(15)
  await Promise.all([worker.close(), clock.advance(minute)])
})
