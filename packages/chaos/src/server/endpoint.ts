import type { withStore } from '@jobport/core'
import type { Backend, Stateful } from '@jobport/core/adapter'
import { GRACE, GROUPED, RELAY } from '../plan/setting.ts'

export type FullBackend = Backend & Stateful

/** Where the jobs are. Plain data, so that a process can be told of it. */
export type StatefulEndpoint =
  | { readonly backend: 'sqlite'; readonly file: string }
  | { readonly backend: 'redis' | 'postgres'; readonly url: string }
  | { readonly backend: 'rabbitmq' | 'sqs'; readonly url: string; readonly store: string }
export type GroupedEndpoint = { readonly backend: typeof GROUPED; readonly url: string }
export type Endpoint = StatefulEndpoint | GroupedEndpoint

/** Begins the names of all that a run makes on a server. */
export const NAMESPACE = 'chaos'

/** Loads the one adapter that is needed: a process that is killed every few seconds should be quick to come back. */
export async function connect(endpoint: StatefulEndpoint): Promise<FullBackend>
export async function connect(endpoint: Endpoint): Promise<Backend>
export async function connect(endpoint: Endpoint): Promise<Backend> {
  switch (endpoint.backend) {
    case 'sqlite': {
      const { sqliteBackend } = await import('@jobport/sqlite-adapter')
      return sqliteBackend({ file: endpoint.file })
    }
    case 'redis': {
      const { redisBackend } = await import('@jobport/redis-adapter')
      return redisBackend({ url: endpoint.url, namespace: NAMESPACE })
    }
    case 'postgres': {
      const { postgresBackend } = await import('@jobport/postgres-adapter')
      return postgresBackend({ url: endpoint.url, schema: NAMESPACE })
    }
    case 'rabbitmq': {
      const { amqpBackend } = await import('@jobport/amqp-adapter')
      return stored(amqpBackend({ url: endpoint.url, namespace: NAMESPACE, warn }), endpoint.store)
    }
    case GROUPED: {
      const { amqpBackend } = await import('@jobport/amqp-adapter')
      return amqpBackend({ url: endpoint.url, namespace: NAMESPACE, queueType: 'classic', groups: 4, warn })
    }
    case 'sqs': {
      const { sqsBackend } = await import('@jobport/sqs-adapter')
      const credentials = { accessKeyId: 'chaos', secretAccessKey: 'chaos' }
      const sqs = { endpoint: endpoint.url, region: 'us-east-1', credentials }
      return stored(sqsBackend({ sqs, prefix: 'chaos-', create: true, longPoll: '2s', warn }), endpoint.store)
    }
  }
}

async function stored(broker: Parameters<typeof withStore>[0], url: string): Promise<FullBackend> {
  const [{ withStore }, { postgresStore }] = await Promise.all([
    import('@jobport/core'),
    import('@jobport/postgres-adapter'),
  ])
  const store = postgresStore({ url, schema: NAMESPACE })
  return withStore(broker, store, { relayEvery: RELAY, grace: GRACE, warn })
}

/** That connections break is what a run is about. */
function warn(): void {}
