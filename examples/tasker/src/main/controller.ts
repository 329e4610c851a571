import { createWorker } from '@jobport/core'
import { createLog, observe, runService, serveEndpoints } from '@jobport/example-service'
import { Answers } from '../answers/answers.ts'
import { readControllerConfiguration } from '../configuration.ts'
import { openDatabase } from '../database/database.ts'
import { openJobs } from '../jobs/backend.ts'
import { handlerOf } from '../jobs/handlers.ts'
import { Heart } from '../processes/heart.ts'
import { Heartbeats } from '../processes/heartbeats.ts'
import { TASKS } from '../tasks/catalogue.ts'

await runService(async ({ onStop }) => {
  const configuration = readControllerConfiguration()
  const { APP_ENV, CONCURRENCY, LEASE_SECONDS, LOG_LEVEL, PORT, STOP_GRACE_SECONDS } = configuration
  const log = createLog({ service: 'tasker-controller', environment: APP_ENV, level: LOG_LEVEL })

  const { database, close } = await openDatabase({
    url: configuration.POSTGRES_URL,
    schema: configuration.POSTGRES_SCHEMA,
    warn: (error) => log.warn({ err: error }, 'a connection to the database broke'),
  })
  onStop('database', close)
  const { backend, lines } = openJobs(configuration, log)
  const { instrumentation, endpoints } = observe({ backend, log })
  await backend.open()
  onStop('backend', () => backend.close())

  const answers = new Answers(database)
  const heartbeats = new Heartbeats(database)
  const heart = new Heart({ heartbeats, isDown: (task) => lines.isDown(task), log })
  // One worker for each task: none takes the place of another, and each is well or not by itself.
  const workers = TASKS.filter(({ name }) => configuration.TASKS.includes(name)).map((task) => {
    const worker = createWorker(backend, [handlerOf(task, answers)], {
      concurrency: CONCURRENCY,
      lease: LEASE_SECONDS * 1_000,
      instrumentation,
    })
    heart.follow(task.name, worker)
    return worker
  })
  onStop('workers', () => Promise.all(workers.map((worker) => worker.close({ grace: STOP_GRACE_SECONDS * 1_000 }))))
  await Promise.all(workers.map((worker) => worker.start()))

  const server = await serveEndpoints(endpoints, PORT)
  onStop('server', () => server.close())
  await heartbeats.clean()
  heart.start()
  onStop('heart', () => heart.stop())
  log.info({ port: server.port, tasks: configuration.TASKS }, 'serving')
  return { log, graceSeconds: STOP_GRACE_SECONDS }
})
