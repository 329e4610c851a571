import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { answer } from './answer.ts'
import { freePort } from './free-port.ts'
import { KeeperClient } from './keeper-client.ts'
import { locate } from './locate.ts'
import { postgres } from './postgres.ts'
import { prometheus } from './prometheus.ts'
import { rabbitmq } from './rabbitmq.ts'
import { redis } from './redis.ts'
import type { Service } from './service.ts'
import { sqs } from './sqs.ts'

const services = { redis, postgres, rabbitmq, sqs, prometheus } satisfies Record<string, Service>

export type ServiceName = keyof typeof services

export const serviceNames = Object.keys(services) as ServiceName[]

export interface RunningServices {
  /** The addresses, by variable: `REDIS_URL`, `POSTGRES_URL`, `AMQP_URL`, `SQS_URL`, `PROMETHEUS_URL`. */
  readonly env: Readonly<Record<string, string>>
  /** Stops what was started here and removes its files. A server that was there before is left alone. */
  stop(): Promise<void>
}

/**
 * Starts servers for tests and benchmarks and resolves when they answer. A server that cannot be had is an error.
 * They end with `stop`, and also when this process ends in any other way. `fresh`: also where the environment names one.
 */
export async function startServices(
  names: readonly ServiceName[],
  { fresh = false }: { readonly fresh?: boolean } = {},
): Promise<RunningServices> {
  const keeper = await KeeperClient.create()
  try {
    const pairs = await Promise.all(names.map(async (name) => start(services[name], keeper, fresh)))
    return { env: Object.fromEntries(pairs), stop: () => keeper.stop() }
  } catch (error) {
    await keeper.stop()
    throw error
  }
}

async function start(service: Service, keeper: KeeperClient, fresh: boolean): Promise<[variable: string, url: string]> {
  const given = fresh ? undefined : process.env[service.variable]
  if (given !== undefined && given !== '') {
    await answer(service, given, async () => `${service.variable} names it`)
    return [service.variable, given]
  }
  const port = await freePort()
  const found = await locate(service, port)
  const folder = join(keeper.folder, service.name)
  await mkdir(folder)
  const launch = 'run' in found ? [found.run] : await service.prepare({ binary: found.binary, folder, port })
  for (const command of launch) await keeper.start(service, command)
  const url = service.url(port)
  await answer(service, url, () => keeper.problem(service.name))
  return [service.variable, url]
}
