import { fileURLToPath } from 'node:url'
import { createQueue } from '@jobport/core'
import { createLog, observe, runService } from '@jobport/example-service'
import { AddressGuard } from '@jobport/notifier'
import { redisBackend } from '@jobport/redis-adapter'
import { Redis } from 'ioredis'
import { createApi } from '../api/api.ts'
import { readProducerConfiguration } from '../configuration.ts'
import { createTokens } from '../identity/token.ts'
import { Intake } from '../intake/intake.ts'
import { redisCatalogue } from '../items/catalogue.ts'
import { directoryStorage } from '../storage/directory.ts'

await runService(async ({ onStop }) => {
  const configuration = readProducerConfiguration()
  const { APP_ENV, LOG_LEVEL, REDIS_URL, NAMESPACE, STOP_GRACE_SECONDS } = configuration
  const log = createLog({ service: 'media-producer', environment: APP_ENV, level: LOG_LEVEL })

  const backend = redisBackend({ url: REDIS_URL, namespace: NAMESPACE })
  await backend.open()
  onStop('backend', () => backend.close())
  const redis = new Redis(REDIS_URL, { commandTimeout: 5_000, autoResendUnfulfilledCommands: false })
  redis.on('error', (error: Error) => log.warn({ err: error }, 'connection of the catalogue'))
  onStop('catalogue', () => redis.disconnect())
  const storage = directoryStorage(configuration.MEDIA_DIR)
  await storage.open()

  const operations = observe({
    backend,
    log,
    checks: { storage: () => storage.check().then(() => true) },
  })
  const queue = createQueue(backend, { instrumentation: operations.instrumentation })
  onStop('queue', () => queue.close())
  const catalogue = redisCatalogue(redis, NAMESPACE)
  const { http, live } = await createApi({
    log,
    operations,
    backend,
    inspect: queue.inspect,
    tokens: createTokens(configuration.TOKEN_SECRET),
    intake: new Intake({
      queue,
      storage,
      catalogue,
      guard: new AddressGuard(configuration.FETCH_ALLOW),
      mostWaiting: configuration.MAX_WAITING,
    }),
    catalogue,
    storage,
    maxBytes: configuration.MAX_MEGABYTES,
    openSignIn: configuration.OPEN_SIGN_IN,
    publicUrl: configuration.PUBLIC_URL,
    page: fileURLToPath(new URL('../page', import.meta.url)),
  })
  onStop('server', () => http.close())
  // First of all: an open stream would keep the server from closing.
  onStop('streams', () => live.close())
  await http.listen({ port: configuration.PORT, host: '0.0.0.0' })
  return { log, graceSeconds: STOP_GRACE_SECONDS }
})
