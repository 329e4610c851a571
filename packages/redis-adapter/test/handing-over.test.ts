import type { ClaimedJob } from '@jobport/core/adapter'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest'
import { redisBackend, type RedisBackend } from '../src/index.ts'
import { commandsSent, removeKeys, serverUrl } from './harness.ts'
import { completed, idsOf, job } from './stage.ts'

const namespace = 'handing'
const admin = new Redis(serverUrl())
const never = new AbortController().signal
const open = async (): Promise<RedisBackend> => {
  const backend = redisBackend({ url: serverUrl(), namespace, warn: () => {} })
  await backend.open()
  return backend
}

let producer: RedisBackend
let worker: RedisBackend
beforeEach(async () => {
  await removeKeys(serverUrl(), namespace)
  producer = await open()
  worker = await open()
  // The server knows the queue and the scripts by now.
  await producer.enqueue([job('first')])
  await worker.settle((await worker.claim(request, never)).map(({ lease }) => ({ ...completed(), lease })))
})
afterAll(() => admin.disconnect())
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all([producer.close(), worker.close()])
})

const request = { queue: 'work', limit: 10, lease: 30_000, wait: 0 }

/** A claim that waits, and that the server knows of. */
async function waiting(signal = never, who = worker): Promise<[Promise<readonly ClaimedJob[]>]> {
  const known = await admin.zcard(`{${namespace}:work}:waiters`)
  const claim = who.claim({ ...request, wait: 20_000 }, signal)
  await expect.poll(() => admin.zcard(`{${namespace}:work}:waiters`)).toBe(known + 1)
  return [claim]
}

/** Keeps news from all instances of this process until they are let through. */
function intercept(): { readonly held: () => number; readonly deliver: () => void } {
  const { emit } = Redis.prototype
  const news: (() => void)[] = []
  vi.spyOn(Redis.prototype, 'emit').mockImplementation(function (this: Redis, event: string, ...args: unknown[]) {
    const pass = (): boolean => Reflect.apply(emit, this, [event, ...args])
    if (event !== 'message') return pass()
    news.push(pass)
    return true
  } as typeof emit)
  return { held: () => news.length, deliver: () => news.splice(0).forEach((pass) => pass()) }
}

it('gives a job that is enqueued alone to the claim that waits: nobody asks for it', async () => {
  const [claim] = await waiting()
  const before = commandsSent()
  await producer.enqueue([job('a', { payload: '"ä\\n"' })])
  const [handed] = await claim
  expect(commandsSent() - before).toBe(1)
  expect(handed).toMatchObject({
    lease: { id: 'a' },
    name: 'n',
    payload: '"ä\\n"',
    attempt: 1,
    failures: 0,
    crashes: 0,
  })
  expect(await producer.inspect.find(['a'])).toMatchObject([{ state: 'active', attempt: 1 }])
  expect(await producer.inspect.counts('work')).toMatchObject({ waiting: 0, active: 1 })
  expect(await worker.extend([handed!.lease], 60_000)).toEqual(['applied'])
  expect(await worker.settle([{ ...completed(1_000), lease: handed!.lease }])).toEqual(['applied'])
  expect(await producer.inspect.counts('work')).toMatchObject({ active: 0, completed: 1 })
  expect(await admin.exists(`{${namespace}:work}:leases`, `{${namespace}:work}:claims`)).toBe(0)
})

it('gives each of those that wait a job of its own', async () => {
  const claims = [...(await waiting()), ...(await waiting())]
  await producer.enqueue([job('a')])
  await producer.enqueue([job('b')])
  const jobs = (await Promise.all(claims)).flat()
  expect(idsOf(jobs).toSorted()).toEqual(['a', 'b'])
})

it('lets a claim that did not hear of its job look for itself, which gives the job back first', async () => {
  const [claim] = await waiting()
  const news = intercept()
  await producer.enqueue([job('a')])
  const [found] = await claim
  expect(found).toMatchObject({ lease: { id: 'a' }, attempt: 2, crashes: 0 })
  // Too late, the news must not take the job away from who has it.
  expect(news.held()).toBeGreaterThan(0)
  news.deliver()
  expect(await worker.claim(request, never)).toEqual([])
  expect(await worker.settle([{ ...completed(), lease: found!.lease }])).toEqual(['applied'])
})

it('gives back what was handed to a claim that has ended meanwhile', async () => {
  const abort = new AbortController()
  const [claim] = await waiting(abort.signal)
  const other = await open()
  const news = intercept()
  await producer.enqueue([job('a')])
  await expect.poll(news.held).toBe(1)
  const next = other.claim({ ...request, wait: 20_000 }, never)
  abort.abort()
  expect(await claim).toEqual([])
  news.deliver()
  const [found] = await next
  expect(found).toMatchObject({ lease: { id: 'a' }, attempt: 2 })
  expect(await other.settle([{ ...completed(), lease: found!.lease }])).toEqual(['applied'])
  await other.close()
})

it('answers with the job when it is given to a claim of the very instance that enqueues it: no news are needed', async () => {
  const news = intercept()
  const [claim] = await waiting(never, producer)
  expect(await producer.enqueue([job('a', { payload: '"ä\\n"' })])).toEqual([{ status: 'enqueued' }])
  const [handed] = await claim
  expect(handed).toMatchObject({ lease: { id: 'a' }, name: 'n', payload: '"ä\\n"', attempt: 1 })
  expect(handed!.enqueuedAt).toBe((await producer.inspect.find(['a']))[0]!.enqueuedAt)
  expect(news.held()).toBe(0)
  expect(await producer.settle([{ ...completed(), lease: handed!.lease }])).toEqual(['applied'])
})

it('serves those who wait in their turn, wherever they are', async () => {
  const claims = [...(await waiting()), ...(await waiting(never, producer))]
  await producer.enqueue([job('a')])
  expect(idsOf(await claims[0]!)).toEqual(['a'])
  await producer.enqueue([job('b')])
  expect(idsOf(await claims[1]!)).toEqual(['b'])
})

it('gives back what the answer brings to a claim that has ended meanwhile', async () => {
  const abort = new AbortController()
  const [claim] = await waiting(abort.signal, producer)
  const stored = producer.enqueue([job('a')])
  abort.abort()
  expect(await claim).toEqual([])
  await stored
  const [found] = await worker.claim({ ...request, wait: 20_000 }, never)
  expect(found).toMatchObject({ lease: { id: 'a' }, attempt: 2 })
  expect(await worker.settle([{ ...completed(), lease: found!.lease }])).toEqual(['applied'])
})

it('hands nothing over while something else is due or the queue is paused', async () => {
  await producer.operate.pause('work')
  const [claim] = await waiting()
  await producer.enqueue([job('a')])
  expect(await producer.inspect.counts('work')).toMatchObject({ waiting: 1, active: 0 })
  await producer.enqueue([job('urgent', { priority: 1 })])
  await producer.operate.resume('work')
  expect(idsOf(await claim)).toEqual(['urgent', 'a'])
})

it('lets large jobs be fetched', async () => {
  const [claim] = await waiting()
  const before = commandsSent()
  await producer.enqueue([job('a', { payload: JSON.stringify('x'.repeat(20_000)) })])
  expect(idsOf(await claim)).toEqual(['a'])
  expect(commandsSent() - before).toBe(2)
})
