import { createLog, observe, type Stopping } from '@jobport/example-service'
import { createBackend } from './backend.ts'
import { Checks } from './checks/checks.ts'
import { createPool } from './checks/pool.ts'
import type { SharedConfiguration } from './configuration.ts'

/** What both services stand on: a log, the backend, the table of checks, and what an operator sees. It ends with the service. */
export async function layFoundation(service: string, configuration: SharedConfiguration, { onStop }: Stopping) {
  const { APP_ENV, LOG_LEVEL, NAMESPACE, POSTGRES_URL } = configuration
  const log = createLog({ service, environment: APP_ENV, level: LOG_LEVEL })
  const backend = createBackend(configuration, log)
  onStop('backend', () => backend.close())
  const pool = createPool(POSTGRES_URL, log)
  onStop('Postgres', () => pool.end())
  const checks = new Checks(pool, NAMESPACE)
  await checks.prepare()
  const operations = observe({ backend, log, checks: { checks: () => checks.isReachable() } })
  return { log, backend, checks, operations }
}
