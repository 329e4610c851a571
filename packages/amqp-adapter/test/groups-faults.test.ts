import { randomUUID } from 'node:crypto'
import type { ClaimedJob, ClaimRequest, Mover, NewJob, Settlement } from '@jobport/core/adapter'
import { faultProxy } from '@jobport/fault-proxy'
import { connect } from 'amqplib'
import { expect, it, onTestFinished, vi } from 'vitest'
import { partitionOf } from '../src/groups/partition-of.ts'
import { amqpBackend, type AmqpBackendOptions } from '../src/index.ts'
import { noteDeclarations, removeNamespace, serverUrl } from './harness.ts'

const GROUPS = 4

async function givenNamespace(): Promise<string> {
  const namespace = `groups-${randomUUID().slice(0, 8)}`
  await noteDeclarations()
  onTestFinished(() => removeNamespace(namespace))
  return namespace
}

async function opened(namespace: string, options: Partial<AmqpBackendOptions> = {}) {
  const backend = amqpBackend({
    url: serverUrl(),
    namespace,
    queueType: 'classic',
    groups: GROUPS,
    warn: () => {},
    ...options,
  })
  onTestFinished(() => backend.close())
  await backend.open()
  return backend
}

/** Resolves when so many consume from a queue. */
async function consumers(queue: string, count: number): Promise<void> {
  const connection = await connect(serverUrl())
  const channel = await connection.createChannel()
  await vi.waitFor(async () => expect((await channel.checkQueue(queue)).consumerCount).toBe(count), 20_000)
  await connection.close()
}

let serial = 0

function jobs(count: number, group = 'g'): readonly NewJob[] {
  return Array.from({ length: count }, () => ({
    id: `job-${++serial}`,
    queue: 'work',
    name: 'test',
    payload: '1',
    headers: {},
    group,
  }))
}

async function claim(backend: Mover, request: Partial<ClaimRequest> = {}): Promise<readonly ClaimedJob[]> {
  return backend.claim(
    { queue: 'work', limit: 1, lease: 10_000, wait: 20_000, ...request },
    new AbortController().signal,
  )
}

async function claimOne(backend: Mover, lease = 10_000): Promise<ClaimedJob> {
  return vi.waitFor(async () => {
    const [held] = await claim(backend, { lease })
    if (held === undefined) throw new Error('nothing to claim')
    return held
  }, 30_000)
}

const completed = ({ lease }: ClaimedJob): Settlement => ({ lease, to: 'completed', keep: 0 })
const failed = ({ lease }: ClaimedJob, delay: number): Settlement => ({
  lease,
  to: 'waiting',
  counts: 'failure',
  delay,
  error: '{"name":"Error","message":"no"}',
})

it('goes on in order in another process when the one that had it loses its connection', async () => {
  const namespace = await givenNamespace()
  const proxy = await faultProxy({ port: Number(new URL(serverUrl()).port) })
  onTestFinished(() => proxy.close())
  const first = await opened(namespace, { url: proxy.through(serverUrl()) })
  const given = jobs(6)
  await first.enqueue(given)
  const [held] = await claim(first)
  expect(held!.lease.id).toBe(given[0]!.id)
  const second = await opened(namespace)
  const waiting = claimOne(second)
  proxy.cut()
  const order: ClaimedJob[] = [await waiting]
  await second.settle([completed(order[0]!)])
  while (order.length < given.length) {
    const next = await claimOne(second)
    expect(await claim(second, { wait: 0 })).toEqual([])
    order.push(next)
    await second.settle([completed(next)])
  }
  expect(order.map(({ lease }) => lease.id)).toEqual(given.map(({ id }) => id))
  expect(order[0]).toMatchObject({ attempt: 2, crashes: 1, failures: 0, group: 'g' })
  // They had come to the first process, but only the first of a group can have been at work.
  for (const next of order.slice(1)) expect(next).toMatchObject({ attempt: 1, crashes: 0 })
})

it('a job whose lease ran out while the connection was lost is not given out again by the process that has not noticed', async () => {
  const namespace = await givenNamespace()
  const proxy = await faultProxy({ port: Number(new URL(serverUrl()).port) })
  onTestFinished(() => proxy.close())
  const backend = await opened(namespace, { url: proxy.through(serverUrl()) })
  await backend.enqueue(jobs(1))
  const lease = 4_000
  await claimOne(backend, lease)
  const over = performance.now() + lease
  const waiting = claim(backend)
  await consumers(`${namespace}:v1:work:work`, 1)
  // As a process that stands still: its timers are late, and from here on they run before it reads from its sockets.
  await new Promise((resolve) => setImmediate(resolve))
  proxy.cut()
  while (performance.now() < over + 50);
  await expect(waiting).rejects.toMatchObject({ code: 'unavailable' })
})

it('a job that comes while another of its group is at work waits for it, also where another process asks', async () => {
  const namespace = await givenNamespace()
  const first = await opened(namespace)
  const [one, ...more] = jobs(5)
  await first.enqueue([one!])
  const held = await claimOne(first)
  const second = await opened(namespace)
  const order: string[] = []
  const waiting = claimOne(second).then(({ lease }) => order.push(`second has ${lease.id}`))
  await consumers(`${namespace}:v1:groups-${partitionOf('g', GROUPS)}:work`, 2)
  await first.enqueue(more)
  expect(await claim(second, { wait: 0 })).toEqual([])
  order.push('first is done')
  await first.settle([completed(held)])
  await first.close()
  await waiting
  expect(order).toEqual(['first is done', `second has ${more[0]!.id}`])
})

it('a job that returns is the next of its group in another process too, with its past', async () => {
  const namespace = await givenNamespace()
  const first = await opened(namespace)
  // More than come at once, so that the copy is not seen by chance.
  const given = jobs(100)
  await first.enqueue(given)
  await first.settle([failed(await claimOne(first), 1)])
  await first.close()
  const second = await opened(namespace)
  const held = await claimOne(second)
  expect(held).toMatchObject({ lease: { id: given[0]!.id }, failures: 1 })
  await second.settle([completed(held)])
  expect((await claimOne(second)).lease.id).toBe(given[1]!.id)
})

it('a group waits for the retry of its first job in another process too', async () => {
  const namespace = await givenNamespace()
  const first = await opened(namespace)
  await first.enqueue(jobs(100))
  await first.settle([failed(await claimOne(first), 600_000)])
  await first.close()
  const second = await opened(namespace)
  const [other] = jobs(1, 'other')
  const waiting = claimOne(second)
  await first.open()
  await first.enqueue([other!])
  expect((await waiting).lease.id).toBe(other!.id)
  expect(await claim(second, { wait: 0 })).toEqual([])
})

it('a claim that is aborted ends at once, also while its queues are declared', async () => {
  const proxy = await faultProxy({ port: Number(new URL(serverUrl()).port) })
  onTestFinished(() => proxy.close())
  const url = proxy.through(serverUrl())
  const backend = await opened(await givenNamespace(), { url, connectTimeout: 60_000, confirmTimeout: 60_000 })
  await proxy.inject({ kind: 'black-hole' })
  const abort = new AbortController()
  const claiming = backend.claim({ queue: 'work', limit: 1, lease: 10_000, wait: 20_000 }, abort.signal)
  setImmediate(() => abort.abort())
  const from = performance.now()
  expect(await claiming).toEqual([])
  // What it waits for fails after half a minute.
  expect(performance.now() - from).toBeLessThan(10_000)
  await proxy.heal()
})

it('health tells of groups that wait long for a retry while others wait behind it', async () => {
  const namespace = await givenNamespace()
  const backend = await opened(namespace)
  const given = [...jobs(2, 'long'), ...jobs(2, 'short'), ...jobs(1, 'alone')]
  await backend.enqueue(given)
  const resting = (): Promise<readonly string[]> =>
    backend.health().then(({ warnings }) => warnings.filter((text) => text.includes('retry')))
  const held = [await claimOne(backend), await claimOne(backend), await claimOne(backend)]
  expect(await resting()).toEqual([])
  await backend.settle(held.map((each) => failed(each, each.group === 'short' ? 50_000 : 600_000)))
  await vi.waitFor(async () => expect(await resting()).toHaveLength(1), 20_000)
  expect((await resting())[0]).toMatch(
    /^1 group of queue work in this process: .* waits for its retry, for another (600|59\d) s at most/,
  )
})

it('a process that claims no more leaves the groups in which nothing is at work to others', async () => {
  const namespace = await givenNamespace()
  const [one, other] = ['a', 'b', 'c', 'd', 'e'].filter(
    (name, index, all) => all.findIndex((each) => partitionOf(each, GROUPS) === partitionOf(name, GROUPS)) === index,
  )
  const first = await opened(namespace)
  const given = jobs(3, one)
  await first.enqueue(given)
  const held = await claimOne(first)
  await first.enqueue(jobs(1, other))
  const second = await opened(namespace)
  expect((await claimOne(second)).group).toBe(other)
  expect(await claim(second, { wait: 0 })).toEqual([])
  await first.settle([completed(held)])
  for (const { id } of given.slice(1)) {
    const next = await claimOne(second)
    expect(next.lease.id).toBe(id)
    await second.settle([completed(next)])
  }
})

it('jobs without a group get their turn while there are always jobs in groups', async () => {
  const namespace = await givenNamespace()
  const backend = await opened(namespace)
  await backend.enqueue(Array.from({ length: 10 }, (_, index) => jobs(1, `group ${index}`)[0]!))
  const [{ group: _, ...plain }] = jobs(1) as [NewJob]
  await backend.enqueue([plain])
  const taken = [await claimOne(backend), await claimOne(backend), await claimOne(backend)]
  expect(taken.map(({ lease }) => lease.id)).toContain(plain.id)
})

it('messages in the queues of groups that are no jobs go to the dead-letter queue, and hold up nobody', async () => {
  const namespace = await givenNamespace()
  const warnings: string[] = []
  const backend = await opened(namespace, { warn: (text) => warnings.push(text) })
  const [one] = jobs(1)
  await backend.enqueue([one!])
  await backend.settle([completed(await claimOne(backend))])
  const connection = await connect(serverUrl())
  onTestFinished(() => connection.close())
  const channel = await connection.createChannel()
  channel.sendToQueue(`${namespace}:v1:groups-${partitionOf('g', GROUPS)}:work`, Buffer.from('no job'))
  const dead = async () => (await channel.checkQueue(`${namespace}:v1:dead:work`)).messageCount
  await vi.waitFor(async () => {
    await claim(backend, { wait: 0 })
    expect(await dead()).toBe(1)
  }, 20_000)
  expect(warnings).toEqual([expect.stringContaining('is no job of a group')])
  const [next] = jobs(1)
  await backend.enqueue([next!])
  expect((await claimOne(backend)).lease.id).toBe(next!.id)
})

it('no channel is held until the server ends it: leases end before, and what was held is the next again', async () => {
  const namespace = await givenNamespace()
  const warnings: string[] = []
  const lease = 4_000
  const backend = await opened(namespace, { consumerTimeout: '9s', warn: (text) => warnings.push(text) })
  const given = jobs(3)
  await backend.enqueue(given)
  const [held] = await claim(backend, { lease })
  await vi.waitFor(async () => expect(await backend.extend([held!.lease], lease)).toEqual(['lost']), {
    timeout: 20_000,
    interval: 100,
  })
  const order = [await claimOne(backend, lease)]
  expect(order[0]).toMatchObject({ lease: { id: given[0]!.id }, crashes: 1 })
  await backend.settle([completed(order[0]!)])
  for (const { id } of given.slice(1)) {
    const next = await claimOne(backend, lease)
    expect(next.lease.id).toBe(id)
    await backend.settle([completed(next)])
  }
  expect(warnings).toEqual([])
})

it('a number of queues that is smaller than elsewhere is refused', async () => {
  const namespace = await givenNamespace()
  await (await opened(namespace)).enqueue(jobs(1))
  const other = await opened(namespace, { groups: 2 })
  await expect(other.enqueue(jobs(1))).rejects.toMatchObject({ code: 'unsupported' })
  await expect(claim(other)).rejects.toThrow(/give the same number as everywhere/)
})

it.each([
  [{ groups: 0 }, 'groups'],
  [{ groups: 65 }, 'groups'],
  [{ groups: 2.5 }, 'groups'],
  [{ groups: 4, queueType: 'quorum' }, 'groups'],
  [{ groups: 4, priorities: 3 }, 'groups'],
] as const)('%j is refused', (options, option) => {
  expect(() => amqpBackend({ url: serverUrl(), queueType: 'classic', ...options })).toThrow(
    expect.objectContaining({ name: 'OptionError', option }),
  )
})
