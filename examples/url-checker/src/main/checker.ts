import { createWorker } from '@jobport/core'
import { createLog, observe, runService, serveEndpoints } from '@jobport/example-service'
import { AddressGuard, createNotifier } from '@jobport/notifier'
import { createBackend } from '../backend.ts'
import { checkHandler } from '../checker/check-handler.ts'
import { deadChecks } from '../checker/dead-checks.ts'
import { createCheckMetrics } from '../checker/metrics.ts'
import { Checks } from '../checks/checks.ts'
import { createPool } from '../checks/pool.ts'
import { checkerConfiguration } from '../configuration.ts'

await runService(async ({ onStop }) => {
  const configuration = checkerConfiguration()
  const { APP_ENV, LOG_LEVEL, NAMESPACE, POSTGRES_URL, STOP_GRACE_SECONDS: graceSeconds } = configuration
  const { CHECK_TIMEOUT_SECONDS, CONCURRENCY: concurrency, RECOVERY_SECONDS } = configuration
  const { KEEP_DAYS: keepDays, SITE_RETRIES: siteRetries } = configuration
  const lease = `${RECOVERY_SECONDS}s` as const
  const log = createLog({ service: 'url-checker-checker', environment: APP_ENV, level: LOG_LEVEL })

  const backend = createBackend(configuration, log)
  onStop('backend', () => backend.close())
  const pool = createPool(POSTGRES_URL, log)
  onStop('Postgres', () => pool.end())
  const checks = new Checks(pool, NAMESPACE)
  await checks.prepare()

  const { instrumentation, metrics, registry, endpoints } = observe({
    backend,
    log,
    checks: { checks: () => checks.isReachable() },
  })
  const handler = checkHandler({
    checks,
    guard: new AddressGuard(configuration.ALLOWED_ADDRESSES),
    timeout: CHECK_TIMEOUT_SECONDS * 1_000,
    siteRetries,
    keepDays,
    onChecked: createCheckMetrics(registry),
  })
  const worker = createWorker(backend, [handler], { concurrency, lease, instrumentation })
  const channels = { checks: deadChecks(checks, keepDays) }
  const notifier = createNotifier(backend, { channels, lease, instrumentation })
  metrics.watchNotifier(notifier)

  const server = await serveEndpoints(endpoints, configuration.PORT)
  onStop('endpoints', () => server.close())
  await notifier.start()
  onStop('notifier', () => notifier.close({ grace: `${graceSeconds}s` }))
  await worker.start()
  onStop('worker', () => worker.close({ grace: `${graceSeconds}s` }))
  return { log, graceSeconds }
})
