import { createQueue, createWorker, defineJob, handle, type } from '@jobport/core'
import { isBackendFailure, type ClaimedJob, type NewJob } from '@jobport/core/adapter'
import { faultProxy } from '@jobport/fault-proxy'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { redisBackend, type RedisBackend } from '../src/index.ts'
import { ownServer, type OwnServer } from './own-server.ts'

const never = new AbortController().signal
const SOON = { timeout: 45_000, interval: 20 }

let server: OwnServer
const opened: RedisBackend[] = []

beforeAll(async () => {
  server = await ownServer()
})
afterAll(() => server.stop())
afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close()
  await server.admin.flushall()
})

async function open(
  url = server.url,
  options: { namespace?: string; commandTimeout?: number } = {},
): Promise<RedisBackend> {
  const backend = redisBackend({ url, warn: () => {}, ...options })
  await backend.open()
  opened.push(backend)
  return backend
}

const job = (id: string, more: Partial<NewJob> = {}): NewJob => ({
  id,
  queue: 'work',
  name: 'n',
  payload: '1',
  headers: {},
  ...more,
})

function claim(
  backend: RedisBackend,
  more: { lease?: number; wait?: number; limit?: number } = {},
): Promise<readonly ClaimedJob[]> {
  return backend.claim({ queue: 'work', limit: 10, lease: 30_000, wait: 0, ...more }, never)
}

const noop = defineJob('noop', { queue: 'work', input: type<number>() })

describe('scripts', () => {
  it('are brought back after SCRIPT FLUSH, by every verb', async () => {
    const backend = await open()
    await backend.enqueue([job('a'), job('b')])
    const verbs = async (): Promise<void> => {
      const [held] = await claim(backend, { limit: 1 })
      await server.admin.script('FLUSH')
      expect(await backend.extend([held!.lease], 30_000)).toEqual(['applied'])
      await server.admin.script('FLUSH')
      expect(await backend.settle([{ lease: held!.lease, to: 'completed', keep: 60_000 }])).toEqual(['applied'])
      await server.admin.script('FLUSH')
      expect((await backend.inspect.find([held!.lease.id]))[0]?.state).toBe('completed')
      await server.admin.script('FLUSH')
    }
    await verbs()
    await verbs()
    expect(await backend.enqueue([job('c')])).toEqual([{ status: 'enqueued' }])
  })
})

describe('a restart of the server', () => {
  it('loses nothing that was accepted, and work goes on by itself', async () => {
    const backend = await open()
    // It tries again for as long as the server needs to start on a busy machine.
    const queue = createQueue(backend, { patience: '1m' })
    const done = new Set<string>()
    // Jobs whose claim the server had stored when it died, its reply lost, come back when their lease ends.
    const handlers = [handle(noop, (_, { job: { id } }) => void done.add(id))]
    const worker = createWorker(backend, handlers, { concurrency: 5, lease: '2s' })
    await worker.start()
    const tickets = await Promise.all(Array.from({ length: 50 }, (_, input) => queue.enqueue(noop, input)))
    await server.kill()
    const whileAway = queue.enqueue(noop, 50)
    await server.start()
    const all = [...tickets, await whileAway]
    await expect.poll(() => all.filter(({ id }) => !done.has(id)), SOON).toEqual([])
    await worker.close()
    await queue.close()
  })

  it('that loses the jobs leaves workers at work on those that come', async () => {
    await server.admin.config('SET', 'appendonly', 'no')
    const backend = await open()
    const queue = createQueue(backend)
    await queue.enqueue(noop, 1, { delay: '1h' })
    const done: number[] = []
    const worker = createWorker(backend, [handle(noop, (input) => void done.push(input))])
    await worker.start()
    await server.kill()
    await server.start()
    await server.admin.flushall()
    await queue.enqueue(noop, 2)
    await expect.poll(() => done, SOON).toEqual([2])
    // Its outcome is on its way when the handler is done.
    await expect.poll(() => backend.inspect.counts('work'), SOON).toMatchObject({ scheduled: 0, active: 0 })
    await worker.close()
    await queue.close()
  })
})

describe('connections', () => {
  it('that the server ends are made anew, also those that listen', async () => {
    const backend = await open()
    const finished: string[] = []
    await backend.inspect.watch((news) => finished.push(...news.map(({ id }) => id)))
    // It may fail for want of a connection; then the next one gets the job.
    const waiting = claim(backend, { wait: 10_000 }).catch((): readonly ClaimedJob[] => [])
    await expect.poll(() => server.admin.exists('{jobport:work}:waiters'), SOON).toBe(1)
    await server.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await server.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await expect.poll(() => backend.enqueue([job('a')]).catch(() => undefined), SOON).toEqual([{ status: 'enqueued' }])
    const [held = (await claim(backend, { wait: 10_000 }))[0]] = await waiting
    expect(held?.lease.id).toBe('a')
    await backend.settle([{ lease: held!.lease, to: 'completed', keep: 0 }])
    await expect.poll(() => finished, SOON).toEqual(['a'])
  })

  it('tell what finished while nobody could be told', async () => {
    await using proxy = await faultProxy({ port: Number(new URL(server.url).port) })
    const watcher = await open(proxy.through(server.url))
    const backend = await open()
    const finished: string[] = []
    await watcher.inspect.watch((news) => finished.push(...news.map(({ id, state }) => `${id} ${state}`)))
    await backend.enqueue([job('a'), job('b'), job('c')])
    const [a, b, c] = await claim(backend)
    await backend.settle([{ lease: a!.lease, to: 'completed', keep: 0 }])
    await expect.poll(() => finished, SOON).toEqual(['a completed'])
    await proxy.inject({ kind: 'refuse' })
    await backend.settle([{ lease: b!.lease, to: 'dead', error: '"e"', keep: 1000 }])
    await proxy.heal()
    await expect.poll(() => finished, SOON).toEqual(['a completed', 'b dead'])
    await backend.settle([{ lease: c!.lease, to: 'cancelled', keep: 0 }])
    await expect.poll(() => finished, SOON).toEqual(['a completed', 'b dead', 'c cancelled'])
  })

  it('that fall silent are given up, and the call is told that its outcome is unknown', async () => {
    await using proxy = await faultProxy({ port: Number(new URL(server.url).port) })
    const backend = await open(proxy.through(server.url), { commandTimeout: 2_000 })
    await backend.enqueue([job('a')])
    await proxy.inject({ kind: 'black-hole' })
    await expect(backend.enqueue([job('b')])).rejects.toMatchObject({
      code: 'unavailable',
      outcome: 'unknown',
      retryable: true,
    })
    await proxy.heal()
    await expect.poll(() => backend.enqueue([job('c')]).catch(() => undefined), SOON).toEqual([{ status: 'enqueued' }])
  })

  it('that cannot be had fail at once, with nothing applied', async () => {
    await using proxy = await faultProxy({ port: Number(new URL(server.url).port) })
    const backend = await open(proxy.through(server.url))
    await proxy.inject({ kind: 'refuse' })
    await expect.poll(async () => (await backend.health()).reachable, SOON).toBe(false)
    await expect(backend.enqueue([job('a')])).rejects.toMatchObject({ code: 'unavailable', outcome: 'none' })
    const unopened = redisBackend({ url: proxy.through(server.url) })
    await expect(unopened.open()).rejects.toMatchObject({ code: 'unavailable' })
    await backend.close()
    expect(await server.admin.exists('{jobport:work}:jobs')).toBe(0)
  })

  it('that lose half of the replies make no second job: 1000 enqueues are 1000 jobs', async () => {
    await using proxy = await faultProxy({ port: Number(new URL(server.url).port), seed: 3 })
    const backend = await open(proxy.through(server.url))
    // It tries again for as long as a busy machine needs.
    const queue = createQueue(backend, { patience: '1m' })
    await queue.enqueue(noop, -1)
    await proxy.inject({
      kind: 'lose-reply',
      share: 0.5,
      matching: (request) => /evalsha/i.test(request.toString('latin1')),
    })
    let next = 0
    const ids = new Set<string>()
    const produce = async (): Promise<void> => {
      while (next < 1000) ids.add((await queue.enqueue(noop, next++)).id)
    }
    await Promise.all(Array.from({ length: 20 }, produce))
    await proxy.heal()
    expect(ids.size).toBe(1000)
    const sure = await open()
    expect((await sure.inspect.counts('work')).waiting).toBe(1001)
    const claimed: ClaimedJob[] = []
    for (let some = await claim(sure, { limit: 500 }); some.length > 0; some = await claim(sure, { limit: 500 }))
      claimed.push(...some)
    expect(new Set(claimed.map(({ payload }) => payload)).size).toBe(1001)
    await queue.close()
  })

  it('that lose the reply of a claim give its jobs back when the lease is over', async () => {
    await using proxy = await faultProxy({ port: Number(new URL(server.url).port) })
    const backend = await open(proxy.through(server.url))
    const sure = await open()
    await backend.enqueue([job('a')])
    await proxy.inject({
      kind: 'lose-reply',
      matching: (request) => /evalsha/i.test(request.toString('latin1')),
      times: 1,
    })
    await expect(claim(backend, { lease: 300 })).rejects.toMatchObject({ code: 'unavailable', outcome: 'unknown' })
    const [held] = await claim(sure, { wait: 10_000 })
    expect(held).toMatchObject({ lease: { id: 'a' }, attempt: 2, failures: 0 })
  })

  it('that lose the reply of a settlement answer its repeat as applied', async () => {
    await using proxy = await faultProxy({ port: Number(new URL(server.url).port) })
    const backend = await open(proxy.through(server.url))
    await backend.enqueue([job('a')])
    const [held] = await claim(backend)
    const settlement = { lease: held!.lease, to: 'completed', keep: 0, then: [job('b')] } as const
    await proxy.inject({
      kind: 'lose-reply',
      matching: (request) => /evalsha/i.test(request.toString('latin1')),
      times: 1,
    })
    await expect(backend.settle([settlement])).rejects.toMatchObject({ code: 'unavailable', outcome: 'unknown' })
    await expect.poll(() => backend.settle([settlement]).catch(() => undefined), SOON).toEqual(['applied'])
    expect((await backend.inspect.counts('work')).waiting).toBe(1)
  })
})

describe('a server', () => {
  it('without memory refuses new jobs as full, and lets work go on', async () => {
    const backend = await open()
    await backend.enqueue([job('a'), job('b'), job('c')])
    const [a] = await claim(backend, { limit: 1 })
    await server.admin.config('SET', 'maxmemory', '1mb')
    try {
      await expect(backend.enqueue([job('d')])).rejects.toMatchObject({
        code: 'full',
        outcome: 'none',
        retryable: true,
      })
      const [b] = await claim(backend, { limit: 1 })
      expect(b?.lease.id).toBe('b')
      expect(await backend.extend([a!.lease], 60_000)).toEqual(['applied'])
      expect(await backend.settle([{ lease: a!.lease, to: 'completed', result: '1', keep: 60_000 }])).toEqual([
        'applied',
      ])
      expect(
        await backend.settle([{ lease: b!.lease, to: 'waiting', delay: 0, counts: 'failure', error: '1' }]),
      ).toEqual(['applied'])
      expect(await backend.operate.remove(['c'])).toEqual([true])
    } finally {
      await server.admin.config('SET', 'maxmemory', '0')
    }
    expect((await backend.inspect.find(['d']))[0]).toBeUndefined()
  })

  it('that pauses its clients is waited for', async () => {
    const backend = await open()
    await server.admin.client('PAUSE', 300, 'WRITE')
    expect(await backend.enqueue([job('a')])).toEqual([{ status: 'enqueued' }])
  })

  it('that became a replica is told apart, and used again when it can be written to', async () => {
    const backend = await open()
    await backend.enqueue([job('a')])
    await server.admin.replicaof('127.0.0.1', '1')
    await expect(backend.enqueue([job('b')])).rejects.toMatchObject({ code: 'unavailable', outcome: 'none' })
    await server.admin.replicaof('NO', 'ONE')
    await expect.poll(() => backend.enqueue([job('b')]).catch(() => undefined), SOON).toEqual([{ status: 'enqueued' }])
    expect((await backend.inspect.counts('work')).waiting).toBe(2)
  })

  it('that may evict jobs is refused, unless that is allowed', async () => {
    await server.admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
    try {
      await expect(open()).rejects.toMatchObject({
        code: 'unsupported',
        message: expect.stringContaining('noeviction'),
      })
      const backend = redisBackend({ url: server.url, allowEviction: true })
      await backend.open()
      expect((await backend.health()).warnings).toEqual([expect.stringContaining('allkeys-lru')])
      await backend.close()
    } finally {
      await server.admin.config('SET', 'maxmemory-policy', 'noeviction')
    }
  })

  it('says how durable it is', async () => {
    const backend = await open()
    await server.admin.config('SET', 'appendonly', 'yes')
    for (const [fsync, durability] of [
      ['always', 'fsync'],
      ['everysec', 'async'],
    ] as const) {
      await server.admin.config('SET', 'appendfsync', fsync)
      expect(await backend.health()).toMatchObject({ reachable: true, durability })
    }
    await server.admin.config('SET', 'appendonly', 'no')
    expect(await backend.health()).toMatchObject({
      durability: 'none',
      warnings: [expect.stringContaining('appendonly')],
    })
  })
})

describe('keys', () => {
  it('that somebody deleted are jobs that are gone, and nothing else', async () => {
    const backend = await open()
    await backend.enqueue([job('a'), job('b')])
    await server.admin.hdel('{jobport:work}:jobs', 'a')
    expect((await claim(backend)).map(({ lease }) => lease.id)).toEqual(['b'])
    await server.admin.del('{jobport:work}:jobs', '{jobport:work}:state')
    expect(await backend.inspect.find(['a', 'b'])).toEqual([undefined, undefined])
    expect(await claim(backend)).toEqual([])
  })

  it('that hold something else are named in the error', async () => {
    const backend = await open()
    await server.admin.set('{jobport:work}:ready', 'mine')
    const error: unknown = await backend.enqueue([job('a')]).catch((reason: unknown) => reason)
    expect(isBackendFailure(error) && error.message).toMatch(/WRONGTYPE/)
    expect(error).toMatchObject({ code: 'internal', outcome: 'unknown' })
  })
})
