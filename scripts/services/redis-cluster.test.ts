import { Cluster, Redis } from 'ioredis'
import { afterEach, expect, test } from 'vitest'
import { startRedisCluster } from './redis-cluster.ts'
import { startRedisReplicated } from './redis-replicated.ts'

const minutes = 60_000
const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

test('three nodes serve all slots, and a slot moves with its keys while it is used', { timeout: minutes }, async () => {
  const cluster = await startRedisCluster()
  cleanUps.push(() => cluster.stop())
  const client = new Cluster([cluster.urls[0]!])
  cleanUps.push(() => client.disconnect())
  const keys = Array.from({ length: 20 }, (_, index) => `{moving}:${index}`)
  await Promise.all(keys.map((key) => client.set(key, key)))

  const { slot, node } = await cluster.ownerOf('{moving}:0')
  const to = (node + 1) % 3
  const seen: (string | null)[] = []
  const moved = await cluster.migrate(slot, to, {
    between: async (so) => {
      // Some are here, some are there.
      seen.push(await client.get(keys[so % 20]!))
      await client.set(`{moving}:late-${so}`, 'late')
    },
  })
  expect(moved).toBe(20)
  expect(seen).toEqual([...keys, keys[0]])
  expect(await cluster.ownerOf('{moving}:0')).toEqual({ slot, node: to })
  expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys)
  const direct = new Redis(cluster.urls[to]!)
  cleanUps.push(() => direct.disconnect())
  expect(await direct.get('{moving}:late-20')).toBe('late')
  expect(await cluster.migrate(slot, to)).toBe(0)
})

test('each node refuses the keys of the others', { timeout: minutes }, async () => {
  const cluster = await startRedisCluster()
  cleanUps.push(() => cluster.stop())
  const { node } = await cluster.ownerOf('key')
  const answers = await Promise.all(
    cluster.urls.map(async (url) => {
      const direct = new Redis(url)
      cleanUps.push(() => direct.disconnect())
      return direct.set('key', 'value').catch((error: Error) => error.message.split(' ')[0])
    }),
  )
  expect(answers).toEqual(cluster.urls.map((_, index) => (index === node ? 'OK' : 'MOVED')))
})

test(
  'a failover exchanges the roles; the old primary is read-only for those who stay',
  { timeout: minutes },
  async () => {
    const servers = await startRedisReplicated()
    cleanUps.push(() => servers.stop())
    const [primary, replica] = [servers.primary, servers.replica].map((url) => new Redis(url)) as [Redis, Redis]
    cleanUps.push(() => [primary, replica].map((client) => client.disconnect()))
    await primary.set('key', 'value')
    await primary.wait(1, 5_000)
    await expect(replica.set('key', 'other')).rejects.toThrow('READONLY')
    await servers.failover()
    await expect(primary.set('key', 'other')).rejects.toThrow('READONLY')
    expect(await replica.get('key')).toBe('value')
    await replica.set('key', 'later')
    await replica.wait(1, 5_000)
    expect(await primary.get('key')).toBe('later')
    await servers.failover()
    await primary.set('key', 'back')
  },
)
