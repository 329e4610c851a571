import { runCases, type Harness } from '@jobport/conformance'
import type { ClaimedJob, NewJob } from '@jobport/core/adapter'
import { Cluster } from 'ioredis'
import { afterAll, afterEach, expect, test } from 'vitest'
import { asIfRemote, REMOTE } from '../../../scripts/services/as-if-remote.ts'
import { startRedisCluster } from '../../../scripts/services/redis-cluster.ts'
import { redisBackend, type RedisBackend } from '../src/index.ts'

const cluster = await startRedisCluster()
const client = new Cluster([...cluster.urls])
const backends: RedisBackend[] = []

afterEach(async () => {
  await Promise.all(backends.splice(0).map((backend) => backend.close()))
})
afterAll(async () => {
  client.disconnect()
  await cluster.stop()
})

// Followers in another queue may be on another node: until they are brought there, they are stored with the outcome.
const apart = 'in a cluster a follower in another queue may become visible a moment after the outcome'

const harness: Harness = {
  name: 'redis (cluster)',
  unit: 150,
  open: (namespace) => redisBackend({ client, namespace, warn: () => {} }),
  cleanup: async (namespace) => {
    await Promise.all(
      client.nodes('master').map(async (node) => {
        const keys = [...(await node.keys(`{${namespace}:*`)), ...(await node.keys(`${namespace}:*`))]
        await Promise.all(keys.map((key) => client.del(key)))
      }),
    )
  },
  skip: {
    'A13.10': apart,
    'B6.10': apart,
    'A7.18': 'the driver ends its connections to the nodes of a cluster a moment after it says so',
  },
}

test('every verb does on a cluster what it does on one server', { timeout: 300_000 }, async () => {
  const results = await runCases(harness, ({ id }) => id.startsWith('A') || id.startsWith('B6.'))
  expect(results.filter(({ status }) => status === 'failed')).toEqual([])
  expect(results.filter(({ status }) => status === 'passed').length).toBeGreaterThan(200)
})

async function opened(namespace: string, like = client): Promise<RedisBackend> {
  const backend = redisBackend({ client: like, namespace, warn: () => {} })
  backends.push(backend)
  await backend.open()
  return backend
}

test('a password that goes unencrypted to nodes on other machines is warned of', () =>
  asIfRemote(async () => {
    const rules = ['reset', 'on', '>secret', '~*', '&*', '+@all'] as const
    await Promise.all(client.nodes().map((node) => node.acl('SETUSER', 'remote', ...rules)))
    const redisOptions = { username: 'remote', password: 'secret' }
    const own = new Cluster([...cluster.urls], { lazyConnect: true, redisOptions })
    const backend = await opened('remote', own)
    expect((await backend.health()).warnings).toContainEqual(
      expect.stringContaining(`The password goes to ${REMOTE} unencrypted`),
    )
  }))

test('a slot that moves under load loses nothing, and settles nothing twice', { timeout: 240_000 }, async () => {
  const namespace = 'moving'
  const [producer, worker, other] = [await opened(namespace), await opened(namespace), await opened(namespace)]
  const ended = new AbortController()
  const accepted = new Set<string>()
  const settled: string[] = []

  let calls = 0
  /** Repeats a call that fails for a passing reason, as core does. */
  async function persist<Reply>(call: () => Promise<Reply>): Promise<Reply> {
    for (;;) {
      calls++
      try {
        return await call()
      } catch (error) {
        if (!(error as { retryable?: boolean }).retryable) throw error
      }
    }
  }

  async function produce(): Promise<void> {
    for (let round = 0; !ended.signal.aborted; round++) {
      const jobs = Array.from({ length: 20 }, (_, index): NewJob => {
        return { id: `job-${round}-${index}`, queue: 'work', name: 'work', payload: '1', headers: {} }
      })
      await persist(() => producer.enqueue(jobs))
      for (const { id } of jobs) accepted.add(id)
    }
  }

  async function work(backend: RedisBackend): Promise<void> {
    const { signal } = new AbortController()
    for (;;) {
      const claim = { queue: 'work', limit: 30, lease: 2_000, wait: 200 }
      const jobs = await persist(() => backend.claim(claim, signal))
      if (jobs.length === 0 && ended.signal.aborted) return
      const outcomes = jobs.map(({ lease }) => ({ lease, to: 'completed', keep: 600_000 }) as const)
      const replies = await persist(() => backend.settle(outcomes))
      settled.push(...jobs.filter((_, index) => replies[index] === 'applied').map(({ lease }) => lease.id))
    }
  }

  const load = [produce(), work(worker), work(other)]
  await moreOf(() => settled.length, 200)
  const { slot, node } = await cluster.ownerOf(`{${namespace}:work}:jobs`)
  // Once around, one key at a time, with calls that meet half of them here and half of them there.
  for (const to of [(node + 1) % 3, (node + 2) % 3, node]) {
    const between = async (moved: number): Promise<void> => {
      if (moved % 2 === 1) await moreOf(() => calls, 3)
    }
    // Some keys are there only now and then.
    expect(await cluster.migrate(slot, to, { between })).toBeGreaterThan(3)
    await moreOf(() => settled.length, 200)
  }
  ended.abort()
  await Promise.all(load)

  // Those whose claim was never heard of come back when their lease is over.
  await expect.poll(async () => (await worker.inspect.counts('work')).active).toBe(0)
  expect([...settled].toSorted()).toEqual([...accepted].toSorted())
  expect((await worker.inspect.counts('work')).completed).toBe(accepted.size)
})

/** Resolves when a count has grown by so many. */
async function moreOf(what: () => number, more: number): Promise<void> {
  const enough = what() + more
  await expect.poll(what, { timeout: 30_000, interval: 1 }).toBeGreaterThan(enough)
}

const follower = (id: string, queue: string): NewJob => ({ id, queue, name: 'n', payload: `"${id}"`, headers: {} })

test('thousands of followers reach another node whole', { timeout: 180_000 }, async () => {
  const backend = await opened('letters')
  await backend.enqueue([follower('a', 'here'), follower('b', 'here')])
  const held = await backend.claim({ queue: 'here', limit: 2, lease: 30_000, wait: 0 }, new AbortController().signal)
  await backend.settle(
    held.map(({ lease }) => ({
      lease,
      to: 'completed',
      keep: 60_000,
      then: Array.from({ length: 700 }, (_, index) => follower(`${lease.id}-${index}`, 'there')),
    })),
  )
  const followers: ClaimedJob[] = []
  for (let some = 1; some > 0;) {
    const claimed = await backend.claim(
      { queue: 'there', limit: 500, lease: 30_000, wait: 0 },
      new AbortController().signal,
    )
    followers.push(...claimed)
    some = claimed.length
  }
  expect(followers).toHaveLength(1400)
  for (const { name, payload, lease, enqueuedAt } of followers) {
    expect({ name, payload, isDated: enqueuedAt > 1e12 }).toEqual({
      name: 'n',
      payload: `"${lease.id}"`,
      isDated: true,
    })
  }
})
