import { createLog, observe, runService, serveEndpoints, sqsOptions } from '@jobport/example-service'
import { readProcessorConfiguration, type ProcessorConfiguration } from '../configuration.ts'
import { messageBackend } from '../queue/message-backend.ts'
import { capacityFor, REQUEST } from './capacity.ts'
import { fileEffects } from './effects.ts'
import { createProcessor } from './processor.ts'
import type { Work } from './work.ts'

/** What a worker gives handlers that were told to stop, by default. */
const ABORT_GRACE_SECONDS = 5

/** The processor as a service, with the work that is done on each message. */
export async function runProcessor(workOf: (configuration: ProcessorConfiguration) => Work): Promise<void> {
  await runService(async ({ onStop }) => {
    const configuration = readProcessorConfiguration()
    const { APP_ENV, LOG_LEVEL, LONG_POLL_SECONDS, PORT, STOP_GRACE_SECONDS } = configuration
    const log = createLog({ service: 'processor', environment: APP_ENV, level: LOG_LEVEL })
    const capacity = capacityFor({
      work: configuration.WORK_MS,
      rate: configuration.TARGET_RATE,
      headroom: configuration.HEADROOM_PERCENT / 100,
    })
    log.info({ capacity }, 'derived from the work and the target rate')

    const { backend, retries } = messageBackend({
      sqs: sqsOptions(configuration),
      prefix: configuration.QUEUE_PREFIX,
      create: configuration.QUEUE_CREATE,
      maxReceives: configuration.MAX_RECEIVES,
      attempts: 5,
      callTimeout: REQUEST,
      longPoll: LONG_POLL_SECONDS * 1_000,
      log,
    })
    onStop('backend', () => backend.close())

    const operations = observe({ backend, log })
    operations.registry.registerMetric(retries)
    const worker = createProcessor({
      backend,
      log,
      operations,
      capacity,
      policy: { retries: configuration.RETRIES, timeout: configuration.WORK_TIMEOUT_SECONDS * 1_000 },
      work: workOf(configuration),
      effects: fileEffects(configuration.EFFECTS_FOLDER),
    })
    onStop('worker', () => worker.close({ grace: STOP_GRACE_SECONDS * 1_000 }))
    await worker.start()

    const server = await serveEndpoints(operations.endpoints, PORT)
    onStop('endpoints', () => server.close())
    return { log, graceSeconds: STOP_GRACE_SECONDS + ABORT_GRACE_SECONDS + LONG_POLL_SECONDS }
  })
}
