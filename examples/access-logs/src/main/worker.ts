import { createWorker } from '@jobport/core'
import { createLog, observe, runService, serveEndpoints } from '@jobport/example-service'
import { readWorkerConfiguration } from '../configuration.ts'
import { importHandler } from '../import/import-handler.ts'
import { importMetrics } from '../import/metrics.ts'
import { connect } from '../store/connect.ts'

/** Imports the files that were enqueued, until it is stopped. */
await runService(async ({ onStop }) => {
  const { APP_ENV, LOG_LEVEL, STOP_GRACE_SECONDS, PORT, CONCURRENCY, LEASE_SECONDS, database } =
    readWorkerConfiguration()
  const log = createLog({ service: 'access-logs', environment: APP_ENV, level: LOG_LEVEL })

  const { backend, logs, open, close } = connect(database, CONCURRENCY)
  onStop('database', close)
  await open()

  const operations = observe({ backend, log })
  const server = await serveEndpoints(operations.endpoints, PORT)
  onStop('endpoints', () => server.close())
  log.info({ port: server.port }, 'listening')

  const worker = createWorker(backend, [importHandler(logs, importMetrics(operations.registry))], {
    concurrency: CONCURRENCY,
    lease: `${LEASE_SECONDS}s`,
    // A file takes seconds: one that is claimed ahead would wait here while another worker is free.
    claimAhead: 0,
    instrumentation: operations.instrumentation,
  })
  onStop('worker', () => worker.close({ grace: `${STOP_GRACE_SECONDS}s` }))
  await worker.start()
  return { log, graceSeconds: STOP_GRACE_SECONDS }
})
