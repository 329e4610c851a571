import { createQueue, createWorker, defineJob, handle, type } from '@jobport/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { redisBackend } from '../src/index.ts'
import { startSentinel, type Watched } from './sentinel.ts'

const SOON = { timeout: 60_000, interval: 50 }
const count = defineJob('count', { queue: 'work', input: type<number>() })

let watched: Watched
beforeAll(async () => {
  watched = await startSentinel()
})
afterAll(() => watched.stop())

it(
  'a failover by Sentinel is survived: work goes on by itself on the new primary, and what it accepts is done',
  { timeout: 240_000 },
  async () => {
    const client = watched.client()
    client.on('error', () => {})
    await client.connect()
    const backend = redisBackend({ client, commandTimeout: '2s', warn: () => {} })
    await backend.open()
    const done = new Set<number>()
    const worker = createWorker(backend, [handle(count, (input) => void done.add(input))], {
      concurrency: 5,
      lease: '2s',
    })
    worker.on('error', () => {})
    await worker.start()
    const queue = createQueue(backend)
    await queue.enqueue(count, 0)
    await expect.poll(() => done.has(0), SOON).toBe(true)

    const before = await watched.primary()
    await watched.killPrimary()
    const refused = await backend
      .enqueue([{ id: 'x', queue: 'other', name: 'n', payload: '1', headers: {} }])
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'unavailable' })

    // Callers who try again get through once there is a primary.
    await expect
      .poll(
        () =>
          queue.enqueue(count, 1).then(
            () => true,
            () => false,
          ),
        SOON,
      )
      .toBe(true)
    expect(await watched.primary()).not.toBe(before)
    const inputs = Array.from({ length: 200 }, (_, index) => index + 2)
    await Promise.all(inputs.map((input) => queue.enqueue(count, input)))
    await expect.poll(() => [1, ...inputs].filter((input) => !done.has(input)), SOON).toEqual([])
    expect(await backend.inspect.counts('work')).toMatchObject({ waiting: 0 })

    await worker.close()
    await queue.close()
    await backend.close()
    // It is not ours to close.
    await expect.poll(() => client.status, SOON).toBe('ready')
    client.disconnect()
  },
)
