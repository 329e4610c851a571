import { createQueue } from '@jobport/core'
import { createLog, observe, runService } from '@jobport/example-service'
import { Answers } from '../answers/answers.ts'
import { readApiConfiguration } from '../configuration.ts'
import { openDatabase, isReachable } from '../database/database.ts'
import { createApi } from '../http/api.ts'
import { openJobs } from '../jobs/backend.ts'
import { Heartbeats } from '../processes/heartbeats.ts'
import { Processes } from '../processes/processes.ts'
import { Suspensions } from '../processes/suspensions.ts'
import { Desk } from '../requests/desk.ts'
import { Requests } from '../requests/requests.ts'

await runService(async ({ onStop }) => {
  const configuration = readApiConfiguration()
  const { APP_ENV, LOG_LEVEL, PORT, STOP_GRACE_SECONDS } = configuration
  const log = createLog({ service: 'tasker-api', environment: APP_ENV, level: LOG_LEVEL })

  const { database, close } = await openDatabase({
    url: configuration.POSTGRES_URL,
    schema: configuration.POSTGRES_SCHEMA,
    warn: (error) => log.warn({ err: error }, 'a connection to the database broke'),
  })
  onStop('database', close)
  const { backend, broker, lines } = openJobs(configuration, log)
  const { instrumentation, registry } = observe({ backend, log })
  const queue = createQueue(backend, { instrumentation })
  await queue.open()
  onStop('backend', () => backend.close())
  onStop('queue', () => queue.close())

  const requests = new Requests(database, queue.inspect)
  const suspensions = new Suspensions(database, queue.operate)
  const isDown = (task: string): boolean => lines.isDown(task)
  const app = await createApi({
    log,
    operations: {
      registry,
      // Without SQS it still takes requests in, so only the database decides whether it is ready.
      endpoints: { metrics: registry, checks: { database: () => isReachable(database) } },
    },
    desk: new Desk({ suspensions, answers: new Answers(database), requests, queue }),
    requests,
    processes: new Processes({ suspensions, heartbeats: new Heartbeats(database), broker, isDown }),
    suspensions,
  })
  onStop('server', () => app.close())
  await app.listen({ port: PORT, host: '0.0.0.0' })
  return { log, graceSeconds: STOP_GRACE_SECONDS }
})
