import { Redis, type Cluster, type ClusterOptions, type RedisOptions } from 'ioredis'
import type { Settings } from '../options.ts'

/** Longest pause between attempts to connect. */
const LONGEST_PAUSE = 500

export type Client = Redis | Cluster

/**
 * Makes a connection of our own, like the one described or given. A command is never sent again by the driver: what became of it is unknown, so
 * the caller decides. Without a connection it fails at once instead of waiting for one.
 */
export function connect({ url, redis, client, commandTimeout, namespace }: Settings, role: string): Client {
  const own = {
    // Replies look the same, whichever version of the protocol is spoken.
    replyMapping: 'legacy',
    lazyConnect: true,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableOfflineQueue: false,
    // What is under way when a connection ends fails then; the driver would let it wait for its timeout.
    maxRetriesPerRequest: 0,
    commandTimeout,
    connectTimeout: commandTimeout,
    keepAlive: 5_000,
    keyPrefix: '',
    connectionName: `${namespace}:${role}`,
    retryStrategy: (times: number) => Math.min(50 * times, LONGEST_PAUSE),
    // After a failover the old address may be that of a replica.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions & { replyMapping: 'legacy' }
  if (url !== undefined) return new Redis(url, { ...redis, ...own })
  if (isCluster(client!)) {
    const clusterWide = {
      lazyConnect: true,
      enableOfflineQueue: false,
      clusterRetryStrategy: (times: number) => Math.min(50 * times, LONGEST_PAUSE),
      redisOptions: { ...client.options.redisOptions, ...own },
    } satisfies ClusterOptions
    return client.duplicate([], clusterWide)
  }
  return (client as Redis).duplicate(own)
}

export function isCluster(client: Client): client is Cluster {
  return (client as { isCluster?: boolean }).isCluster === true
}
