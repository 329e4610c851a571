import { Redis as Fifth } from 'ioredis-5'
import { Redis } from 'ioredis'
import { createQueue, createWorker, defineJob, fixed, handle, type } from '@jobport/core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { redisBackend, type RedisBackend } from '../src/index.ts'
import { ownServer, type OwnServer } from './own-server.ts'

// All but this file runs on the newest version of the driver. What differs between the two is how a call is made and how its reply is read.
vi.mock('ioredis', () => import('ioredis-5'))

const never = new AbortController().signal
// Its own: other tests count the commands that they send, and one whose script the server has forgotten is sent twice.
let server: OwnServer
let backend: RedisBackend
beforeAll(async () => {
  server = await ownServer()
  backend = redisBackend({ url: server.url, warn: () => {} })
})
afterAll(async () => {
  await backend?.close()
  await server.stop()
})

it('is the version that is meant', () => {
  expect(Redis).toBe(Fifth)
})

it('carries a job to its end: its result, an error with a retry, and a job of its own that follows', async () => {
  const double = defineJob('double', { input: type<number>(), output: type<number>() })
  const flaky = defineJob('flaky', { input: type<string>(), retry: { backoff: fixed(1) } })
  const queue = createQueue(backend)
  let failures = 0
  const worker = createWorker(backend, [
    handle(double, (number) => number * 2),
    handle(flaky, () => {
      if (failures++ === 0) throw new Error('not yet')
    }),
  ])
  await worker.start()
  expect(await (await queue.enqueue(double, 21)).result({ timeout: '20s' })).toBe(42)
  await (await queue.enqueue(flaky, 'ä')).result({ timeout: '20s' })
  const many = await queue.enqueueMany(
    double,
    Array.from({ length: 300 }, (_, input) => ({ input })),
  )
  expect(many.every(({ status }) => status === 'enqueued')).toBe(true)
  await expect.poll(() => queue.inspect.counts('default')).toMatchObject({ waiting: 0, active: 0 })
  expect(failures).toBe(2)
  await worker.close()
  await queue.close()
})

it('runs scripts again that the server has forgotten', async () => {
  await server.admin.script('FLUSH')
  const job = { queue: 'forgotten', name: 'n', payload: '1', headers: {} }
  expect(await backend.enqueue([{ id: 'a', ...job }])).toEqual([{ status: 'enqueued' }])
  const [claimed] = await backend.claim({ queue: 'forgotten', limit: 1, lease: 30_000, wait: 0 }, never)
  expect(claimed).toMatchObject({ lease: { id: 'a' }, payload: '1' })
})
