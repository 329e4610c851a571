import { hostname } from 'node:os'
import type { BackendError, ClaimedJob, ClaimRequest, Mover, NewJob, Settled } from '@jobport/core/adapter'
import { createQueue, createWorker, defineJob, handle, type } from '@jobport/core'
import { faultProxy, type FaultProxy } from '@jobport/fault-proxy'
import { connect, type Channel, type ChannelModel } from 'amqplib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { amqpBackend, type AmqpBackendOptions } from '../src/index.ts'
import { ownServer, type OwnServer } from './own-server.ts'

// Each `rabbitmqctl` starts a virtual machine of its own, which takes many seconds when there is no processor for it.
vi.setConfig({ testTimeout: 150_000, hookTimeout: 240_000 })
const SOON = 60_000

let server: OwnServer
let connection: ChannelModel
let channel: Channel
const backends: Mover[] = []
const proxies: FaultProxy[] = []
let namespace = ''
let serial = 0

beforeAll(async () => {
  server = await ownServer()
})
afterAll(() => server.stop())

beforeEach(async () => {
  namespace = `f${++serial}`
  connection = await connect(server.url)
  connection.on('error', () => {})
  channel = await connection.createChannel()
  channel.on('error', () => {})
})
afterEach(async () => {
  await Promise.all(backends.splice(0).map((backend) => backend.close()))
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()))
  await connection.close().catch(() => {})
})

const warnings: string[] = []

async function opened(options: Partial<AmqpBackendOptions> = {}) {
  const backend = amqpBackend({ url: server.url, namespace, warn: (text) => warnings.push(text), ...options })
  backends.push(backend)
  await backend.open()
  return backend
}

async function proxied(): Promise<FaultProxy> {
  const proxy = await faultProxy({ port: Number(new URL(server.url).port) })
  proxies.push(proxy)
  return proxy
}

const work = (): string => `${namespace}:v1:work:work`
const dead = (): string => `${namespace}:v1:dead:work`

function job(overrides: Partial<NewJob> = {}): NewJob {
  return { id: `job-${++serial}`, queue: 'work', name: 'test', payload: '{"a":1}', headers: {}, ...overrides }
}

function claim(backend: Mover, request: Partial<ClaimRequest> = {}): Promise<readonly ClaimedJob[]> {
  return backend.claim({ queue: 'work', limit: 1, lease: 30_000, wait: SOON, ...request }, new AbortController().signal)
}

/** Again after failures that may pass, as a worker does. */
async function patientClaim(backend: Mover): Promise<ClaimedJob> {
  return vi.waitFor(async () => (await claim(backend))[0]!, { timeout: SOON, interval: 50 })
}

/** RabbitMQ 4.3 may end the connection that declares a queue which is just being deleted. */
async function patientEnqueue(backend: Mover, one: NewJob): Promise<void> {
  await vi.waitFor(() => backend.enqueue([one]), { timeout: SOON, interval: 50 })
}

const complete = async (backend: Mover, { lease }: ClaimedJob): Promise<Settled> =>
  (await backend.settle([{ lease, to: 'completed', keep: 0 }]))[0]!

async function left(queue: string): Promise<number> {
  return (await channel.checkQueue(queue)).messageCount
}

describe('connections and channels', () => {
  it('a queue that two instances begin to use at once takes jobs and claims before it has a leader', async () => {
    // For one of some forty queues RabbitMQ refuses the jobs, and ends the connection that consumes too early, when it is busy.
    const pairs = await Promise.all(Array.from({ length: 4 }, () => Promise.all([opened(), opened()])))
    const rounds = pairs.map(async ([one, two]) => {
      for (let round = 0; round < 60; round++) {
        const queue = `new-${++serial}`
        const claims = [one, two].map((backend) => claim(backend, { queue, wait: 60_000 }))
        const receipts = await one.enqueue([job({ queue }), job({ queue })])
        expect(receipts.map(({ status }) => status)).toEqual(['enqueued', 'enqueued'])
        const claimed = await Promise.all(claims)
        expect(claimed.map(([each]) => each?.lease.queue)).toEqual([queue, queue])
      }
    })
    await Promise.all(rounds)
  })

  it('a lost connection is made again, its jobs are given out again, and their old tokens are lost', async () => {
    const backend = await opened()
    await backend.enqueue([job()])
    const [held] = await claim(backend)
    const waiting = claim(backend).catch((error: unknown) => error)
    await server.control('close_all_connections', 'a test')
    expect(await waiting).toMatchObject({ code: 'unavailable', outcome: 'none' })
    expect(await backend.extend([held!.lease], 30_000)).toEqual(['lost'])
    expect(await complete(backend, held!)).toBe('lost')
    const again = await patientClaim(backend)
    expect(again).toMatchObject({ lease: { id: held!.lease.id }, attempt: 2, crashes: 1 })
    expect(again.lease.token).not.toBe(held!.lease.token)
    expect(await complete(backend, again)).toBe('unknown')
    await vi.waitFor(async () => expect(await backend.enqueue([job()])).toEqual([{ status: 'enqueued' }]), SOON)
  })

  it('a worker goes on after its connections were closed', async () => {
    const backend = await opened()
    const definition = defineJob('count', { queue: 'work', input: type<number>() })
    const queue = createQueue(backend)
    const seen = new Set<number>()
    const closed = Promise.withResolvers<void>()
    const worker = createWorker(backend, [
      handle(definition, async (input) => {
        await closed.promise
        seen.add(input)
      }),
    ])
    worker.on('error', () => {})
    await worker.start()
    const enqueue = (from: number): Promise<unknown> =>
      Promise.all(Array.from({ length: 50 }, (_, index) => queue.enqueue(definition, from + index)))
    await enqueue(0)
    await server.control('close_all_connections', 'a test')
    closed.resolve()
    await vi.waitFor(async () => expect((await backend.health()).reachable).toBe(true), SOON)
    await enqueue(50)
    await vi.waitFor(() => expect(seen.size).toBe(100), SOON)
    await worker.close()
    await queue.close()
  })

  it('a server that restarts keeps what it has confirmed', async () => {
    const backend = await opened()
    await backend.enqueue([job({ id: 'kept' })])
    await server.control('stop_app')
    expect((await backend.health()).reachable).toBe(false)
    const refused = await backend.enqueue([job()]).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'unavailable', outcome: 'none' })
    await server.control('start_app')
    expect((await patientClaim(backend)).lease.id).toBe('kept')
    await vi.waitFor(async () => expect((await backend.health()).reachable).toBe(true), SOON)
  })

  it.each(['quorum', 'classic'] as const)(
    'no delayed job is lost when the server dies: %s queues',
    async (queueType) => {
      const backend = await opened({ queueType })
      const missing = new Set<string>()
      // Those that are due arrive while others are accepted, which keeps the queue of the delay alone written to the disk.
      while (missing.size < 1_000) {
        const delayed = job({ delay: 1 })
        await backend.enqueue([delayed])
        missing.add(delayed.id)
      }
      await server.kill()
      await server.start()
      await vi.waitFor(
        async () => {
          for (const held of await claim(backend, { limit: 100, wait: 1_000 })) {
            missing.delete(held.lease.id)
            await complete(backend, held)
          }
          expect(missing.size).toBe(0)
        },
        { timeout: SOON, interval: 1 },
      )
    },
  )

  it('a confirm that is lost leaves the outcome unknown', async () => {
    const proxy = await proxied()
    const backend = await opened({ url: proxy.through(server.url) })
    await backend.enqueue([job()])
    const [first] = await claim(backend)
    await complete(backend, first!)
    const marked = job({ payload: '"cut me here"' })
    await proxy.inject({ kind: 'lose-reply', matching: (request) => request.includes('cut me here'), times: 1 })
    const error = await backend.enqueue([marked]).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'unavailable', outcome: 'unknown' })
    await proxy.heal()
    expect((await patientClaim(backend)).lease.id).toBe(marked.id)
  })

  it('a connection that ends just when a queue was declared holds up nobody', async () => {
    const proxy = await proxied()
    const backend = await opened({ url: proxy.through(server.url) })
    // So the driver takes leave of the channel that it declared on.
    await proxy.inject({ kind: 'lose-reply', matching: (request) => request.includes('Goodbye'), times: 1 })
    const error = await backend.enqueue([job()]).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'unavailable', outcome: 'none' })
    await proxy.heal()
    await vi.waitFor(async () => expect(await backend.enqueue([job()])).toEqual([{ status: 'enqueued' }]), SOON)
  })

  it('a server that falls silent while a connection is made again: another one is made', async () => {
    const proxy = await proxied()
    const backend = await opened({ url: proxy.through(server.url), connectTimeout: 3_000 })
    const confirmSelect = Buffer.from([0, 85, 0, 10])
    await proxy.inject({ kind: 'black-hole', matching: (request) => request.includes(confirmSelect), times: 1 })
    await server.control('close_all_connections', 'a test')
    await vi.waitFor(async () => expect(await backend.enqueue([job()])).toEqual([{ status: 'enqueued' }]), SOON)
  })

  it('a backend that closes while a connection is made again, which breaks at once, ends well', async () => {
    const proxy = await proxied()
    const backend = await opened({ url: proxy.through(server.url) })
    const before = proxy.counts.connections
    proxy.cut()
    // So the driver takes leave of a server.
    await proxy.inject({ kind: 'cut', matching: (request) => request.includes('Cheers') })
    while (proxy.counts.connections === before) await new Promise((resolve) => setImmediate(resolve))
    await backend.close()
    await expect.poll(() => proxy.counts.cut).toBeGreaterThan(0)
  })

  it('a server that falls silent: an enqueue ends in bounded time, its outcome unknown', async () => {
    const proxy = await proxied()
    const backend = await opened({ url: proxy.through(server.url), confirmTimeout: 3_000 })
    await backend.enqueue([job()])
    await proxy.inject({ kind: 'black-hole' })
    const error = await backend.enqueue([job()]).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'unavailable', outcome: 'unknown' })
  })

  it('an open that meets no server, a wrong password or a missing vhost says so', async () => {
    const cases = [
      ['amqp://guest:guest@127.0.0.1:1', 'unavailable'],
      [server.url.replace('guest:guest', 'guest:s3cret'), 'denied'],
      [`${server.url}/nowhere`, 'denied'],
    ] as const
    for (const [url, code] of cases) {
      const error = await amqpBackend({ url })
        .open()
        .catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code, outcome: 'none' })
      expect(String(error)).not.toContain('s3cret')
    }
  })
})

describe('publishing', () => {
  it('while the server is short of memory an enqueue is refused in time, and claims go on', async () => {
    const backend = await opened({ confirmTimeout: 3_000 })
    await backend.enqueue([job({ id: 'before' })])
    await server.control('set_vm_memory_high_watermark', '0.000001')
    try {
      // The server says that it takes nothing only when something comes.
      const first = await backend.enqueue([job({ id: 'during' })]).catch((error: unknown) => error)
      expect(first).toMatchObject({ code: 'unavailable', outcome: 'unknown' })
      const second = await backend.enqueue([job()]).catch((error: unknown) => error)
      expect(second).toMatchObject({
        code: 'throttled',
        outcome: 'none',
        message: expect.stringContaining('blocked, low on memory'),
      })
      expect((await backend.health()).warnings.join()).toContain('low on memory')
      const [held] = await claim(backend)
      expect(held!.lease.id).toBe('before')
      expect(await complete(backend, held!)).toBe('unknown')
    } finally {
      await server.control('set_vm_memory_high_watermark', '0.4')
    }
    await vi.waitFor(async () => expect(await backend.enqueue([job()])).toEqual([{ status: 'enqueued' }]), SOON)
    // What was on its way has arrived after all.
    expect((await claim(backend))[0]!.lease.id).toBe('during')
  })

  it('a queue that was deleted is declared again, and no job is lost', async () => {
    const backend = await opened()
    await backend.enqueue([job()])
    await channel.deleteQueue(work())
    const [answer] = await backend.enqueue([job({ id: 'after' })])
    expect(answer).toEqual({ status: 'enqueued' })
    expect((await claim(backend))[0]!.lease.id).toBe('after')
  })

  it('without declaring, a queue that is missing is not found, before and after it was there', async () => {
    const verifying = await opened({ topology: 'verify' })
    const before = await verifying.enqueue([job()]).catch((error: unknown) => error)
    expect(before).toMatchObject({ code: 'not-found', outcome: 'none' })
    await expect(claim(verifying)).rejects.toMatchObject({ code: 'not-found' })
    await (await opened()).enqueue([job()])
    expect(await verifying.enqueue([job()])).toEqual([{ status: 'enqueued' }])
    await channel.deleteQueue(work())
    const after = await verifying.enqueue([job()]).catch((error: unknown) => error)
    expect(after).toMatchObject({ code: 'not-found', outcome: 'none' })
  })

  it('one unroutable job of a batch does not spoil the others', async () => {
    const verifying = await opened({ topology: 'verify' })
    await (await opened()).enqueue([job(), job({ queue: 'other' })])
    await verifying.enqueue([job(), job({ queue: 'other' })])
    await channel.deleteQueue(work())
    const [lost, kept] = await verifying.enqueue([job(), job({ queue: 'other' })])
    expect([lost, kept]).toMatchObject([{ status: 'refused', error: { code: 'not-found' } }, { status: 'enqueued' }])
  })

  it('a queue that is full refuses, and the outcome is unknown', async () => {
    const backend = await opened()
    await backend.enqueue([job()])
    await server.control('set_policy', 'small', `^${namespace}:v1:work`, '{"max-length":1}', '--apply-to', 'queues')
    const answers = await vi.waitFor(async () => {
      const error = await backend.enqueue([job()]).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'full' })
      return error
    }, SOON)
    expect(answers).toMatchObject({ outcome: 'unknown' })
  })

  it('a queue without a leader is unavailable, not full', async () => {
    await (await opened()).enqueue([job()])
    const members = `[amqqueue:get_pid(Q) || Q <- rabbit_amqqueue:list(), element(4, amqqueue:get_name(Q)) =:= <<"${work()}">>]`
    await server.control('eval', `[ok = ra:stop_server(quorum_queues, Id) || Id <- ${members}].`)
    const backend = await opened()
    const error = await backend.enqueue([job()]).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'unavailable',
      outcome: 'unknown',
      message: expect.stringContaining('not full'),
    })
    await server.control('eval', `[ok = ra:restart_server(quorum_queues, Id) || Id <- ${members}].`)
    await patientEnqueue(backend, job())
  })

  it('a queue with other arguments is refused with both values', async () => {
    await channel.assertQueue(work(), { durable: true, arguments: { 'x-queue-type': 'classic' } })
    const backend = await opened()
    await expect(backend.enqueue([job()])).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/inequivalent arg.*received the value.*current is/s),
    })
  })

  it('of quorum queues that have no priorities they are refused when it opens; from RabbitMQ 4 on there are two', async () => {
    const [low, high] = [job({ priority: 0 }), job({ priority: 1 })]
    const served = async (): Promise<string[]> => {
      const backend = await opened({ priorities: 2 })
      await backend.enqueue([low, high])
      return [await claim(backend), await claim(backend)].map(([first]) => first!.lease.id)
    }
    const hasPriorities = Number.parseInt(await server.control('version')) >= 4
    const seen = await served().catch((error: BackendError) => error.code)
    expect(seen).toEqual(hasPriorities ? [high.id, low.id] : 'unsupported')
  })
})

describe('delays', () => {
  it('of a day wait in the queue of their longest part, and pass through those of all parts', async () => {
    const backend = await opened()
    const day = backend.limits.delay
    await backend.enqueue([job({ delay: day })])
    expect(await left(`${namespace}:v1:delay:19`)).toBe(1)

    // Of two times to live the server takes the shorter, so each of the queues lets go at once.
    namespace = `f${++serial}`
    await server.control('set_policy', 'quick', `^${namespace}:v1:delay`, '{"message-ttl":1}', '--apply-to', 'queues')
    const quick = await opened()
    const given = [day, day - 100_000, 12_345_600, 3_600_000, 25_500, 100].map((delay) => job({ delay }))
    await quick.enqueue(given)
    const seen = new Set<string>()
    while (seen.size < given.length) seen.add((await patientClaim(quick)).lease.id)
    expect(seen).toEqual(new Set(given.map(({ id }) => id)))
    expect(await claim(backend, { wait: 0 })).toEqual([])
  })
})

describe('consuming', () => {
  it("RabbitMQ's own tools tell which process consumes, and which of them has the groups", async () => {
    const [first, second] = [
      await opened({ queueType: 'classic', groups: 1 }),
      await opened({ queueType: 'classic', groups: 1 }),
    ]
    await claim(first, { queue: 'tagged', wait: 0 })
    const waiting = [first, second].map((backend) => claim(backend, { queue: 'tagged' }))
    const groups = `${namespace}:v1:groups-0:tagged`
    await vi.waitFor(async () => expect((await channel.checkQueue(groups)).consumerCount).toBe(2), SOON)
    const listed = await server.control('list_consumers', 'queue_name', 'consumer_tag', 'active', '--formatter', 'json')
    const consumers = JSON.parse(listed) as { queue_name: string; consumer_tag: string; active: boolean }[]
    const here = `${hostname()}:${process.pid}`
    expect(
      consumers
        .filter(({ queue_name }) => queue_name === groups)
        .toSorted((a, b) => Number(b.active) - Number(a.active)),
    ).toEqual([
      { queue_name: groups, consumer_tag: `${here}:groups`, active: true },
      { queue_name: groups, consumer_tag: `${here}:groups`, active: false },
    ])
    const plain = consumers.filter(({ queue_name }) => queue_name === `${namespace}:v1:work:tagged`)
    expect(plain.map(({ consumer_tag }) => consumer_tag)).toEqual([`${here}:order-1`, `${here}:order-1`])
    await Promise.all([first.close(), second.close()])
    await Promise.all(waiting)
  })

  it('a worker whose queue is deleted goes on when it is there again', async () => {
    const backend = await opened()
    await backend.enqueue([job()])
    await complete(backend, (await claim(backend))[0]!)
    const waiting = patientClaim(backend)
    await channel.deleteQueue(work())
    await vi.waitFor(
      () =>
        channel.checkQueue(work()).catch(async (error: unknown) => {
          channel = await connection.createChannel()
          channel.on('error', () => {})
          throw error
        }),
      SOON,
    )
    const again = job()
    await patientEnqueue(backend, again)
    expect((await waiting).lease.id).toBe(again.id)
  })

  it('messages that are no jobs go to the dead-letter queue as they are, and harm nobody', async () => {
    const backend = await opened()
    await backend.enqueue([job({ id: 'first' })])
    const foreign = ['plain text', '{"json":true}']
    for (const text of foreign)
      channel.sendToQueue(work(), Buffer.from(text), { messageId: 'x', type: 'x', appId: 'jp1' })
    // The answer comes when they have arrived.
    await left(work())
    await backend.enqueue([job({ id: 'last' })])
    const seen = [(await claim(backend))[0]!, (await claim(backend))[0]!]
    expect(seen.map(({ lease }) => lease.id)).toEqual(['first', 'last'])
    await vi.waitFor(async () => expect(await left(dead())).toBe(2), SOON)
    const message = await channel.get(dead(), { noAck: true })
    expect(message).toMatchObject({ properties: { headers: { 'x-death': [{ reason: 'rejected' }] } } })
    expect(warnings.join()).toContain('is no job')
  })

  it('a dead job is in the dead-letter queue with its contents and its error', async () => {
    const backend = await opened()
    await backend.enqueue([job({ id: 'doomed', headers: { trace: 'x' } })])
    const [held] = await claim(backend)
    const error = '{"name":"Error","message":"no"}'
    expect(await backend.settle([{ lease: held!.lease, to: 'dead', error, keep: 600_000 }])).toEqual(['unknown'])
    const message = await vi.waitFor(async () => {
      const got = await channel.get(dead(), { noAck: true })
      expect(got).not.toBe(false)
      return got
    }, SOON)
    expect(message).toMatchObject({
      properties: {
        messageId: 'doomed',
        expiration: '600000',
        headers: { 'jobport-error': error, 'jobport-headers': '{"trace":"x"}' },
      },
    })
    await vi.waitFor(async () => expect(await left(work())).toBe(0), SOON)
  })

  it('a job that takes its worker down again and again is dead-lettered at the limit', async () => {
    const backend = await opened({ deliveryLimit: 2 })
    await backend.enqueue([job()])
    const attempts: number[] = []
    for (let round = 0; round < 3; round++) {
      const doomed = await opened({ deliveryLimit: 2 })
      attempts.push((await claim(doomed))[0]!.attempt)
      await doomed.close()
    }
    expect(attempts).toEqual([1, 2, 3])
    await vi.waitFor(async () => expect(await left(dead())).toBe(1), SOON)
  })

  it('a job is given up before the server ends the channel because of it', async () => {
    const backend = await opened({ consumerTimeout: 5_000 })
    expect(backend.limits.lease).toBe(4_500)
    await expect(claim(backend, { lease: 4_501 })).rejects.toMatchObject({ code: 'invalid' })
    await backend.enqueue([job()])
    const [held] = await claim(backend, { lease: 4_500 })
    expect(await backend.extend([held!.lease], 4_500)).toEqual(['applied'])
    const [again] = await claim(backend, { lease: 4_500 })
    expect(again).toMatchObject({ lease: { id: held!.lease.id }, attempt: 2 })
    expect(await backend.extend([held!.lease], 4_500)).toEqual(['lost'])
  })

  it('what was held is lost when the queue is deleted meanwhile', async () => {
    const backend = await opened()
    await backend.enqueue([job()])
    const [held] = await claim(backend)
    const waiting = patientClaim(backend)
    await vi.waitFor(async () => expect(await channel.checkQueue(work())).toMatchObject({ consumerCount: 2 }), SOON)
    await channel.deleteQueue(work())
    await vi.waitFor(async () => expect(await backend.extend([held!.lease], 30_000)).toEqual(['lost']), SOON)
    expect(await complete(backend, held!)).toBe('lost')
    await patientEnqueue(backend, job())
    expect(await waiting).toMatchObject({ attempt: 1 })
  })

  it('all that a consumer held which took too long for the server is lost, and given out again', async () => {
    await server.control(
      'eval',
      'application:set_env(rabbit, consumer_timeout, 500), application:set_env(rabbit, channel_tick_interval, 200).',
    )
    try {
      const backend = await opened()
      await backend.enqueue([job()])
      const [held] = await claim(backend)
      // The server ends the channel, or from 4.3 on the consumer alone, and then the claim waits on.
      const next = await claim(backend).catch((reason: unknown) => reason)
      expect(['unsupported', undefined]).toContain((next as { readonly code?: string }).code)
      expect(await complete(backend, held!)).toBe('lost')
      const again = Array.isArray(next) ? next[0] : await patientClaim(backend)
      expect(again).toMatchObject({ lease: { id: held!.lease.id }, attempt: 2 })
    } finally {
      await server.control(
        'eval',
        'application:set_env(rabbit, consumer_timeout, 1800000), application:set_env(rabbit, channel_tick_interval, 60000).',
      )
    }
  })

  it('what nobody claims goes back, so that another process can do it', async () => {
    const [greedy, other] = [await opened(), await opened()]
    await greedy.enqueue([job()])
    await complete(greedy, (await claim(greedy))[0]!)
    const abort = new AbortController()
    const waiting = greedy.claim({ queue: 'work', limit: 3, lease: 30_000, wait: 10_000 }, abort.signal)
    await vi.waitFor(async () => expect(await channel.checkQueue(work())).toMatchObject({ consumerCount: 1 }), SOON)
    // It has ordered three, and gives up before they come.
    abort.abort()
    expect(await waiting).toEqual([])
    await greedy.enqueue([job(), job(), job()])
    const seen = new Set<string>()
    while (seen.size < 3) for (const { lease } of await claim(other, { limit: 3 })) seen.add(lease.id)
  })
})

describe('rights', () => {
  it('the guide lists what a user needs to declare, and to do without', async () => {
    await server.control('add_user', 'jobs', 'secret')
    const url = server.url.replace('guest:guest', 'jobs:secret')
    const ours = `^${namespace}:.*`
    const grant = (configure: string): Promise<string> =>
      server.control('set_permissions', 'jobs', configure, `^(${namespace}:.*|amq\\.default)$`, ours)
    const cycle = async (options: Partial<AmqpBackendOptions>): Promise<void> => {
      const backend = await opened({ url, ...options })
      await backend.enqueue([job(), job({ delay: 100 })])
      const [first] = await claim(backend)
      expect(await backend.settle([{ lease: first!.lease, to: 'waiting', delay: 0, counts: 'nothing' }])).toEqual([
        'unknown',
      ])
      for (let count = 0; count < 2; count++) {
        const [{ lease } = expect.fail('no job')] = await claim(backend)
        expect(await backend.settle([{ lease, to: 'dead', error: '"no"', keep: 1_000 }])).toEqual(['unknown'])
      }
      await backend.close()
    }
    await grant(ours)
    await cycle({})
    await grant('^$')
    await cycle({ topology: 'verify' })
    const denied = await opened({ url })
    await expect(denied.enqueue([job({ queue: 'new' })])).rejects.toMatchObject({ code: 'denied', outcome: 'none' })
  })
})
