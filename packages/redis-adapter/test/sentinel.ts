import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../../../scripts/services/free-port.ts'
import { KeeperClient } from '../../../scripts/services/keeper-client.ts'
import { find } from '../../../scripts/services/locate.ts'
import { redis } from '../../../scripts/services/redis.ts'
import { startNode, until, type RedisNode } from '../../../scripts/services/redis-node.ts'

const NAME = 'jobs'

/** A primary, a replica, and a Sentinel that watches over them. */
export interface Watched {
  /** A client that asks the Sentinel for the primary; not connected yet. */
  client(): Redis
  /** The port of the primary as the Sentinel sees it. */
  primary(): Promise<number>
  killPrimary(): Promise<void>
  stop(): Promise<void>
}

/** Starts them on free ports, and resolves when the Sentinel knows the replica and that is up to date. */
export async function startSentinel(): Promise<Watched> {
  const keeper = await KeeperClient.create()
  const nodes: RedisNode[] = []
  let sentinel: Redis | undefined
  const stop = async (): Promise<void> => {
    sentinel?.disconnect()
    for (const { client } of nodes) client.disconnect()
    await keeper.stop()
  }
  try {
    const first = await startNode(keeper, 'redis-first', ['--repl-diskless-sync-delay', '0'])
    nodes.push(first)
    const second = await startNode(keeper, 'redis-second', ['--replicaof', '127.0.0.1', `${first.port}`])
    nodes.push(second)
    const port = await freePort()
    const asked = await watchOver(keeper, first.port, port)
    sentinel = asked
    await until('the Sentinel knows the replica', async () => {
      const replicas = await asked.call('SENTINEL', 'replicas', NAME).catch(() => [])
      return (replicas as readonly unknown[]).length === 1
    })
    await until('the replica is up to date', async () =>
      (await second.client.info('replication')).includes('master_link_status:up'),
    )
    const primary = async (): Promise<number> => {
      const [, own] = (await asked.call('SENTINEL', 'get-master-addr-by-name', NAME)) as [string, string]
      return Number(own)
    }
    return {
      client: () => new Redis({ sentinels: [{ host: '127.0.0.1', port }], name: NAME, lazyConnect: true }),
      primary,
      killPrimary: async () => {
        const own = await primary()
        const { client } = nodes.find((node) => node.port === own)!
        const [, pid] = /process_id:(\d+)/.exec(await client.info('server'))!
        process.kill(Number(pid), 'SIGKILL')
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function watchOver(keeper: KeeperClient, primary: number, port: number): Promise<Redis> {
  const folder = join(keeper.folder, 'sentinel')
  await mkdir(folder)
  const config = join(folder, 'sentinel.conf')
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${primary} 1`,
    `sentinel down-after-milliseconds ${NAME} 2000`,
    `sentinel failover-timeout ${NAME} 5000`,
  ]
  await writeFile(config, `${lines.join('\n')}\n`)
  await keeper.start({ name: 'sentinel' }, { command: find(redis.binary)!, args: [config, '--sentinel'] })
  const client = new Redis(port, '127.0.0.1', { enableReadyCheck: false, maxRetriesPerRequest: null })
  client.on('error', () => {})
  return client
}
