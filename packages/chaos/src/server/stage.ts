import { join } from 'node:path'
import { faultProxy, type FaultProxy } from '@jobport/fault-proxy'
import { startRestartable, type RestartableServer } from '../../../../scripts/services/restartable.ts'
import { startServices } from '../../../../scripts/services/start-services.ts'
import { GROUPED, isBroker, type BackendName, type BrokerName, type StatefulName } from '../plan/setting.ts'
import type { Endpoint, StatefulEndpoint } from './endpoint.ts'

type ServerName = 'redis' | 'postgres' | BrokerName

/** What the processes work on, and what can be done to it. */
export interface Stage<Where extends Endpoint = Endpoint> {
  /** For the processes of the run: on a server, through the proxy. */
  readonly endpoint: Where
  /** For whoever counts and judges. */
  readonly direct: Where
  /** All that an incident may befall; none where the jobs are in a file. */
  readonly servers: readonly Troubled[]
  close(): Promise<void>
}

export interface Troubled {
  readonly url: string
  /** Before it. */
  readonly proxy: FaultProxy
  /** Absent where it cannot be restarted without losing what it has confirmed. */
  readonly restart?: Pick<RestartableServer, 'kill' | 'start' | 'env'>
  stop(): Promise<void>
}

export async function stageOf(backend: StatefulName, folder: string): Promise<Stage<StatefulEndpoint>>
export async function stageOf(backend: BackendName, folder: string): Promise<Stage>
export async function stageOf(backend: BackendName, folder: string): Promise<Stage> {
  if (backend === 'sqlite') {
    const endpoint = { backend, file: join(folder, 'jobs.db') } as const
    return { endpoint, direct: endpoint, servers: [], close: async () => {} }
  }
  const servers = await Promise.all(serversOf(backend).map(troubled))
  const endpointBy = (urlOf: (one: Troubled) => string): Endpoint => {
    const [url, store] = servers.map(urlOf)
    return isBroker(backend) ? { backend, url: url!, store: store! } : { backend, url: url! }
  }
  return {
    endpoint: endpointBy(({ url, proxy }) => proxy.through(url)),
    direct: endpointBy(({ url }) => url),
    servers,
    close: async () => {
      await Promise.all(servers.map(({ proxy }) => proxy.close()))
      await Promise.all(servers.map((server) => server.stop()))
    },
  }
}

function serversOf(backend: Exclude<BackendName, 'sqlite'>): readonly ServerName[] {
  if (backend === GROUPED) return ['rabbitmq']
  return isBroker(backend) ? [backend, 'postgres'] : [backend]
}

async function troubled(name: ServerName): Promise<Troubled> {
  // The emulator of SQS keeps its messages in memory; what it offers for keeping them in a file loses some.
  const { url, ...server } = name === 'sqs' ? await emulator() : await restartable(name)
  return { ...server, url, proxy: await faultProxy({ port: Number(new URL(url).port) }) }
}

async function restartable(name: Exclude<ServerName, 'sqs'>): Promise<Omit<Troubled, 'proxy'>> {
  const server = await startRestartable(name)
  return { url: server.url, restart: server, stop: server.stop }
}

async function emulator(): Promise<Omit<Troubled, 'proxy'>> {
  const { env, stop } = await startServices(['sqs'], { fresh: true })
  return { url: env['SQS_URL']!, stop }
}
