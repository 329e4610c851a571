import { KeeperClient } from './keeper-client.ts'
import { startNode, until } from './redis-node.ts'

export interface RedisReplicated {
  /** The address of the one that is written to, until `failover`. */
  readonly primary: string
  /** The address of its replica, which refuses writes until `failover`. */
  readonly replica: string
  /**
   * Exchanges their roles. Connections to the old primary stay open, and their writes are answered READONLY from then on. What had not
   * reached the replica is lost, as in any failover.
   */
  failover(): Promise<void>
  stop(): Promise<void>
}

/** Starts two Redis servers, one the replica of the other, and resolves when it is up to date. */
export async function startRedisReplicated(): Promise<RedisReplicated> {
  const keeper = await KeeperClient.create()
  try {
    let primary = await startNode(keeper, 'redis-primary', ['--repl-diskless-sync-delay', '0'])
    let replica = await startNode(keeper, 'redis-replica', ['--replicaof', '127.0.0.1', `${primary.port}`])
    const clients = [primary.client, replica.client]
    const inStep = (): Promise<void> =>
      until('the replica is up to date', async () =>
        (await replica.client.info('replication')).includes('master_link_status:up'),
      )
    await inStep()
    return {
      primary: primary.url,
      replica: replica.url,
      failover: async () => {
        await replica.client.replicaof('NO', 'ONE')
        await primary.client.replicaof('127.0.0.1', replica.port)
        ;[primary, replica] = [replica, primary]
        await inStep()
      },
      stop: async () => {
        for (const client of clients) client.disconnect()
        await keeper.stop()
      },
    }
  } catch (error) {
    await keeper.stop()
    throw error
  }
}
