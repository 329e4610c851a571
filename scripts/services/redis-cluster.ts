import { freePort } from './free-port.ts'
import { KeeperClient } from './keeper-client.ts'
import { startNode, until, type RedisNode } from './redis-node.ts'

const SLOTS = 16_384
const NODES = 3

export interface RedisCluster {
  /** One for each node. The first serves the first third of the slots, and so on. */
  readonly urls: readonly string[]
  /** The slot of a key, and the index of the node that serves it. */
  ownerOf(key: string): Promise<{ readonly slot: number; readonly node: number }>
  /**
   * Moves a slot to another node, step by step, while clients go on: marks it at both, moves its keys, tells all nodes of the new owner.
   * Resolves with how many keys were moved.
   */
  migrate(slot: number, to: number, options?: MigrateOptions): Promise<number>
  stop(): Promise<void>
}

export interface MigrateOptions {
  /** Keys of one step. Default 1. */
  readonly batch?: number
  /** Awaited before each step and after the last, when some keys are here and some are there. */
  readonly between?: (moved: number) => Promise<void> | void
}

/** Starts a Redis Cluster of three masters on ports of its own, and resolves when all slots are served. Needs Redis 7 or newer. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const keeper = await KeeperClient.create()
  const nodes: RedisNode[] = []
  const stop = async (): Promise<void> => {
    for (const { client } of nodes) client.disconnect()
    await keeper.stop()
  }
  try {
    const buses: number[] = []
    for (let index = 0; index < NODES; index++) {
      // The default bus port, 10,000 above the other, may be none.
      const bus = await freePort()
      buses.push(bus)
      const more = ['--cluster-enabled', 'yes', '--cluster-port', `${bus}`, '--cluster-node-timeout', '5000']
      nodes.push(await startNode(keeper, `redis-${index}`, more))
    }
    await join(nodes, buses)
    return {
      urls: nodes.map(({ url }) => url),
      ownerOf: async (key) => {
        const slot = await nodes[0]!.client.cluster('KEYSLOT', key)
        return { slot, node: await ownerOf(nodes, slot) }
      },
      migrate: (slot, to, options) => migrate(nodes, slot, to, options),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function join(nodes: readonly RedisNode[], buses: readonly number[]): Promise<void> {
  const [first, ...others] = nodes
  for (const [index, { client }] of nodes.entries()) {
    const [from, to] = [index, index + 1].map((third) => Math.floor((SLOTS * third) / NODES)) as [number, number]
    await client.cluster('ADDSLOTS', ...Array.from({ length: to - from }, (_, slot) => from + slot))
    // Epochs that differ spare the nodes a dispute over who came first.
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', `${index + 1}`)
  }
  for (const [index, { port }] of others.entries())
    await first!.client.call('CLUSTER', 'MEET', '127.0.0.1', `${port}`, `${buses[index + 1]}`)
  await until('all nodes of the cluster know each other', async () => {
    const states = await Promise.all(nodes.map(({ client }) => client.cluster('INFO')))
    return states.every((state) => state.includes('cluster_state:ok') && state.includes(`cluster_known_nodes:${NODES}`))
  })
}

async function migrate(
  nodes: readonly RedisNode[],
  slot: number,
  to: number,
  { batch = 1, between = () => {} }: MigrateOptions = {},
): Promise<number> {
  const target = nodes[to]!
  const source = nodes[await ownerOf(nodes, slot)]!
  if (source === target) return 0
  const [sourceId, targetId] = await Promise.all([idOf(source), idOf(target)])
  await target.client.cluster('SETSLOT', slot, 'IMPORTING', sourceId)
  await source.client.cluster('SETSLOT', slot, 'MIGRATING', targetId)
  let moved = 0
  for (;;) {
    await between(moved)
    const keys = await source.client.cluster('GETKEYSINSLOT', slot, batch)
    if (keys.length === 0) break
    await source.client.call('MIGRATE', '127.0.0.1', `${target.port}`, '', '0', '5000', 'KEYS', ...keys)
    moved += keys.length
  }
  // The new owner first: were the old one to know before, nobody would serve the slot for a moment.
  const others = nodes.filter((node) => node !== source && node !== target)
  for (const { client } of [target, source, ...others]) await client.cluster('SETSLOT', slot, 'NODE', targetId)
  return moved
}

/** Which node serves a slot, as the nodes themselves see it. */
async function ownerOf(nodes: readonly RedisNode[], slot: number): Promise<number> {
  const ranges = await nodes[0]!.client.cluster('SLOTS')
  const port = ranges.find(([from, to]) => from <= slot && slot <= to)?.[2]?.[1]
  return nodes.findIndex((node) => node.port === port)
}

function idOf({ client }: RedisNode): Promise<string> {
  return client.cluster('MYID')
}
