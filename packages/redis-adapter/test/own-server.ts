import { Redis } from 'ioredis'
import { startRestartable, type RestartableServer } from '../../../scripts/services/restartable.ts'

/** A server that a test may break, and a connection to it that no proxy stands before. */
export interface OwnServer extends RestartableServer {
  readonly admin: Redis
}

/** Starts one, with its jobs safe from its death. */
export async function ownServer(): Promise<OwnServer> {
  const server = await startRestartable('redis')
  const admin = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: null })
  admin.on('error', () => {})
  return {
    ...server,
    admin,
    async stop() {
      admin.disconnect()
      await server.stop()
    },
  }
}
