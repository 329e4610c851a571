import { createLog, observe, runService, sqsOptions } from '@jobport/example-service'
import { readWriterConfiguration } from '../configuration.ts'
import { messageBackend } from '../queue/message-backend.ts'
import { createWriter } from '../writer/writer.ts'

await runService(async ({ onStop }) => {
  const configuration = readWriterConfiguration()
  const { APP_ENV, LOG_LEVEL, PORT, STOP_GRACE_SECONDS, SEND_SECONDS } = configuration
  const log = createLog({ service: 'writer', environment: APP_ENV, level: LOG_LEVEL })

  const { backend, retries } = messageBackend({
    sqs: sqsOptions(configuration),
    prefix: configuration.QUEUE_PREFIX,
    create: configuration.QUEUE_CREATE,
    maxReceives: configuration.MAX_RECEIVES,
    // Two tries within the time that a caller waits.
    attempts: 2,
    callTimeout: (SEND_SECONDS * 1_000) / 2,
    log,
  })
  onStop('backend', () => backend.close())
  await backend.open()

  const operations = observe({ backend, log })
  operations.registry.registerMetric(retries)
  const writer = await createWriter({
    backend,
    log,
    operations,
    maxInFlight: configuration.MAX_IN_FLIGHT,
    bulkLimit: configuration.BULK_LIMIT,
    bodyLimit: configuration.BODY_LIMIT_KIB * 1_024,
    patience: SEND_SECONDS * 1_000,
  })
  onStop('http', () => writer.close())
  await writer.app.listen({ port: PORT, host: '0.0.0.0' })
  return { log, graceSeconds: STOP_GRACE_SECONDS }
})
