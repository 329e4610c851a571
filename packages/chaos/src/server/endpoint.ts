import type { Backend, Stateful } from '@jobport/core/adapter'

export type FullBackend = Backend & Stateful

/** Where the jobs are. Plain data, so that a process can be told of it. */
export type Endpoint =
  | { readonly backend: 'sqlite'; readonly file: string }
  | { readonly backend: 'redis' | 'postgres'; readonly url: string }

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
  }
}
