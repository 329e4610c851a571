import type { Worker } from '@jobport/core'
import { createLog, observe, runService, serveEndpoints, type Logger } from '@jobport/example-service'
import { AddressGuard, type Notifier } from '@jobport/notifier'
import { redisBackend } from '@jobport/redis-adapter'
import { readProcessorConfiguration, type Role } from '../configuration.ts'
import { findFfmpeg } from '../media/ffmpeg.ts'
import { directoryStorage } from '../storage/directory.ts'
import { createMediaNotifier } from '../tell/notifier.ts'
import { createProcessor, type WorkQueue } from '../processor/processor.ts'

await runService(async ({ onStop }) => {
  const configuration = readProcessorConfiguration()
  const { APP_ENV, LOG_LEVEL, ROLES, STOP_GRACE_SECONDS, LEASE_SECONDS, delivery } = configuration
  const log = createLog({ service: 'media-processor', environment: APP_ENV, level: LOG_LEVEL })

  const backend = redisBackend({ url: configuration.REDIS_URL, namespace: configuration.NAMESPACE })
  await backend.open()
  onStop('backend', () => backend.close())
  const storage = directoryStorage(configuration.MEDIA_DIR)
  await storage.open()

  const { instrumentation, metrics, endpoints } = observe({
    backend,
    log,
    checks: { storage: () => storage.check().then(() => true) },
  })

  const server = await serveEndpoints(endpoints, configuration.PORT)
  onStop('endpoints', () => server.close())

  // Together, so that they share the time there is for it.
  const workers: Worker[] = []
  onStop('workers', () => Promise.all(workers.map((worker) => worker.close({ grace: `${STOP_GRACE_SECONDS}s` }))))

  const queues = workOf(ROLES)
  if (queues.length > 0) {
    const ffmpeg = await findFfmpeg()
    if (ffmpeg === undefined) throw new Error('there is no ffmpeg that works; install it or set FFMPEG_PATH')
    const processor = createProcessor(backend, {
      storage,
      ffmpeg,
      threads: configuration.FFMPEG_THREADS,
      concurrency: configuration.CONCURRENCY,
      queues,
      lease: `${LEASE_SECONDS}s`,
      guard: new AddressGuard(configuration.FETCH_ALLOW),
      maxBytes: configuration.MAX_MEGABYTES,
      instrumentation,
    })
    workers.push(processor)
    await processor.start()
  }

  if (delivery !== undefined) {
    const { SLACK_URL: url, SLACK_ALLOW: allow } = delivery
    const notifier = createMediaNotifier(backend, {
      smtp: delivery.SMTP_URL,
      from: delivery.MAIL_FROM,
      admins: delivery.ADMIN_EMAILS,
      slack: url === undefined ? undefined : { url, allow, allowHttp: APP_ENV === 'development' },
      publicUrl: configuration.PUBLIC_URL,
      lease: `${LEASE_SECONDS}s`,
      instrumentation,
    })
    metrics.watchNotifier(notifier)
    notifier.on('undeliverable', ({ job, channel }, { error }) =>
      log.error({ err: error, notification: job.id, channel }, 'notification is undeliverable'),
    )
    workers.push(notifier)
    await notifier.start()
    void checkChannels(notifier, log)
    if (url === undefined) log.warn('SLACK_URL is not set; administrators are told by mail alone')
  }

  return { log, graceSeconds: STOP_GRACE_SECONDS }
})

/** What works also clears up. */
function workOf(roles: readonly Role[]): readonly WorkQueue[] {
  const queues = roles.filter((role) => role !== 'notifications')
  return queues.length === 0 ? [] : [...queues, 'upkeep']
}

/** A mail server that is away is no reason to make no thumbnails. */
async function checkChannels(notifier: Notifier, log: Logger): Promise<void> {
  for (const [channel, verification] of Object.entries(await notifier.verify()))
    if (!verification.ok) log.warn({ channel, reason: verification.reason }, 'channel cannot deliver')
}
