import { fileURLToPath } from 'node:url'
import { createQueue } from '@jobport/core'
import { NOTIFICATION_QUEUE } from '@jobport/core/notify'
import { createHttp, runService } from '@jobport/example-service'
import { AddressGuard } from '@jobport/notifier'
import { createLive } from '@jobport/notifier/live'
import { addJob } from '../api/add-job.ts'
import { getJobs } from '../api/get-jobs.ts'
import { getPendingJobs } from '../api/get-pending-jobs.ts'
import { liveChanges } from '../api/live-changes.ts'
import { page } from '../api/page.ts'
import { Tokens } from '../api/tokens.ts'
import { apiConfiguration } from '../configuration.ts'
import { layFoundation } from '../foundation.ts'
import { CHECKS_QUEUE } from '../jobs.ts'

await runService(async (stopping) => {
  const configuration = apiConfiguration()
  const { log, backend, checks, operations } = await layFoundation('url-checker', configuration, stopping)
  const { instrumentation, endpoints } = operations
  const { onStop } = stopping

  const queue = createQueue(backend, { instrumentation })
  onStop('queue', () => queue.close())
  await queue.open()
  const live = createLive(backend, {
    // Everybody sees everything here.
    authorize: () => () => true,
    // That a check is dead is in the table when its notification is delivered.
    queues: [CHECKS_QUEUE, NOTIFICATION_QUEUE],
    onError: (error) => log.warn({ err: error }, 'live changes'),
  })

  const app = await createHttp({
    log,
    title: 'URL checker',
    description: 'Submit URLs, and read what became of them.',
    version: '1.0.0',
    endpoints,
    away: 'the service is away; repeat the call in a moment, it submits nothing twice',
  })
  addJob(app, {
    queue,
    guard: new AddressGuard(configuration.ALLOWED_ADDRESSES),
    tokens: configuration.REQUIRE_TOKEN ? new Tokens(configuration.SECRET_KEY) : undefined,
  })
  getJobs(app, checks)
  getPendingJobs(app, queue)
  liveChanges(app, live)
  await page(app, configuration.PAGE_FOLDER ?? fileURLToPath(new URL('../page', import.meta.url)))

  await app.listen({ port: configuration.PORT, host: '0.0.0.0' })
  onStop('HTTP', () => app.close())
  // A stream would keep the server open for ever.
  onStop('live changes', () => live.close())
  return { log, graceSeconds: configuration.STOP_GRACE_SECONDS }
})
