import { testStore } from '@jobport/conformance'
import type { HandOff, Lease, NewJob, Store } from '@jobport/core/adapter'
import { Cluster } from 'ioredis'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { startRedisCluster } from '../../../scripts/services/redis-cluster.ts'
import { redisStore } from '../src/index.ts'

const cluster = await startRedisCluster()
const client = new Cluster([...cluster.urls])
const stores: Store[] = []

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
})
afterAll(async () => {
  client.disconnect()
  await cluster.stop()
})

async function cleanup(namespace: string): Promise<void> {
  await Promise.all(
    client.nodes('master').map(async (node) => {
      const keys = [...(await node.keys(`{${namespace}+store:*`)), ...(await node.keys(`${namespace}+store:*`))]
      await Promise.all(keys.map((key) => client.del(key)))
    }),
  )
}

const storeOf = (namespace: string): Store => redisStore({ client, namespace, warn: () => {} })

// Side by side, for they wait most of the time.
testStore({ name: 'redis (cluster)', open: storeOf, cleanup }, { describe, it: it.concurrent })

const handOff: HandOff = { delay: 1_000, grace: 60_000, origin: 'there' }
const job = (id: string, queue: string): NewJob => ({ id, queue, name: 'n', payload: `"${id}"`, headers: {} })

const delivered = ({ id, queue }: NewJob): Lease => ({ id, queue, token: `1:${id}` })

it('what follows into a queue on another node, and was not brought there, is brought there by who looks', async () => {
  const store = storeOf('letters')
  stores.push(store)
  await store.open()
  const queues = Array.from({ length: 8 }, (_, index) => `queue-${index}`)
  const first = job('first', 'here')
  await store.insert([first], handOff)
  await store.begin([delivered(first)], 60_000)
  const then = queues.map((queue) => job(`to-${queue}`, queue))
  // What the process that settles has written when it dies: the outcome, and letters.
  const letters = then.map((each) => JSON.stringify({ jobs: [each], handOff }))
  await client.zadd('{letters+store:here}:outbox', ...letters.flatMap((letter) => [1, letter] as const))
  await store.due(10, 1_000)
  const found = await store.inspect.find(then.map(({ id }) => id))
  expect(found.map((record) => record?.queue)).toEqual(queues)
  const begun = await store.begin(then.map(delivered), 60_000)
  expect(begun.map((each) => typeof each === 'object' && each.origin)).toEqual(queues.map(() => 'there'))
  expect(await client.exists('{letters+store:here}:outbox')).toBe(0)
})
