import type { withStore } from '@jobport/core'
import type { Backend, Stateful } from '@jobport/core/adapter'
import { GRACE, RELAY } from '../plan/setting.ts'

export type FullBackend = Backend & Stateful

/** Where the jobs are. Plain data, so that a process can be told of it. */
export type Endpoint =
  | { readonly backend: 'sqlite'; readonly file: string }
  | { readonly backend: 'redis' | 'postgres'; readonly url: string }
  | { readonly backend: 'rabbitmq' | 'sqs'; readonly url: string; readonly store: string }

/** Loads the one adapter that is needed: a process that is killed every few seconds should be quick to come back. */
export async function connect(endpoint: Endpoint): Promise<FullBackend> {
  switch (endpoint.backend) {
    case 'sqlite': {
      const { sqliteBackend } = await import('@jobport/sqlite-adapter')
      return sqliteBackend({ file: endpoint.file })
    }
    case 'redis': {
      const { redisBackend } = await import('@jobport/redis-adapter')
      return redisBackend({ url: endpoint.url, namespace: 'chaos' })
    }
    case 'postgres': {
      const { postgresBackend } = await import('@jobport/postgres-adapter')
      return postgresBackend({ url: endpoint.url, schema: 'chaos' })
    }
    case 'rabbitmq': {
      const { amqpBackend } = await import('@jobport/amqp-adapter')
      return stored(amqpBackend({ url: endpoint.url, namespace: 'chaos', warn }), endpoint.store)
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
  const store = postgresStore({ url, schema: 'chaos' })
  return withStore(broker, store, { relayEvery: RELAY, grace: GRACE, warn })
}

/** That connections break is what a run is about. */
function warn(): void {}
