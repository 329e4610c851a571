import { startServices, type ServiceName } from '../../scripts/services/start-services.ts'
import type { Services } from './suite.ts'

/** Starts servers for one run of a suite; never one that the environment names, since the suite empties what it uses. */
export function startFresh(...names: readonly ServiceName[]): Promise<Services> {
  for (const name of ['REDIS_URL', 'POSTGRES_URL', 'AMQP_URL', 'SQS_URL']) delete process.env[name]
  return startServices(names)
}
