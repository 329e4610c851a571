import { createWorker } from '@jobport/core'
import { runService, serveEndpoints } from '@jobport/example-service'
import { AddressGuard, createNotifier } from '@jobport/notifier'
import { checkHandler } from '../checker/check-handler.ts'
import { deadChecks } from '../checker/dead-checks.ts'
import { createCheckMetrics } from '../checker/metrics.ts'
import { checkerConfiguration } from '../configuration.ts'
import { layFoundation } from '../foundation.ts'

await runService(async (stopping) => {
  const configuration = checkerConfiguration()
  const { log, backend, checks, operations } = await layFoundation('url-checker-checker', configuration, stopping)
  const { instrumentation, metrics, registry, endpoints } = operations
  const { onStop } = stopping
  const { CHECK_TIMEOUT_SECONDS, CONCURRENCY: concurrency, KEEP_DAYS: keepDays } = configuration
  const { RECOVERY_SECONDS, SITE_RETRIES: siteRetries, STOP_GRACE_SECONDS: graceSeconds } = configuration
  const lease = `${RECOVERY_SECONDS}s` as const

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
  await Promise.all([worker.start(), notifier.start()])
  const grace = `${graceSeconds}s` as const
  onStop('work', () => Promise.all([worker.close({ grace }), notifier.close({ grace })]))
  return { log, graceSeconds }
})
