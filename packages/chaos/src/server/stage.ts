import { join } from 'node:path'
import { faultProxy, type FaultProxy } from '@jobport/fault-proxy'
import { startRestartable, type RestartableServer } from '../../../../scripts/services/restartable.ts'
import type { BackendName } from '../plan/setting.ts'
import type { Endpoint } from './endpoint.ts'

/** What the processes work on, and what can be done to it. */
export interface Stage {
  /** For the processes of the run: on a server, through the proxy. */
  readonly endpoint: Endpoint
  /** For whoever counts and judges. */
  readonly direct: Endpoint
  readonly server?: RestartableServer
  readonly proxy?: FaultProxy
  close(): Promise<void>
}

export async function stageOf(backend: BackendName, folder: string): Promise<Stage> {
  if (backend === 'sqlite') {
    const endpoint = { backend, file: join(folder, 'jobs.db') } as const
    return { endpoint, direct: endpoint, close: async () => {} }
  }
  const server = await startRestartable(backend)
  const proxy = await faultProxy({ port: Number(new URL(server.url).port) })
  return {
    endpoint: { backend, url: proxy.through(server.url) },
    direct: { backend, url: server.url },
    server,
    proxy,
    close: async () => {
      await proxy.close()
      await server.stop()
    },
  }
}
