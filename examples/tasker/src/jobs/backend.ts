import { withStore } from '@jobport/core'
import { sqsOptions, type Logger } from '@jobport/example-service'
import { postgresStore } from '@jobport/postgres-adapter'
import { sqsBackend } from '@jobport/sqs-adapter'
import type { JobsConfiguration } from '../configuration.ts'
import { LineWatch } from './line-watch.ts'

/** Jobs travel through SQS, one queue for each task, and are remembered in Postgres. */
export function openJobs(configuration: JobsConfiguration, log: Logger) {
  const warn = (message: string): void => log.warn(message)
  const broker = sqsBackend({
    sqs: sqsOptions(configuration),
    prefix: configuration.SQS_PREFIX,
    create: configuration.SQS_CREATE_QUEUES,
    // The longest there is: what nobody works at for days is not lost.
    retention: '14d',
    // What could not be sent is in the store, and is sent later. So whoever asks need not wait for long, and trouble shows soon.
    attempts: 3,
    callTimeout: '5s',
    longPoll: '10s',
    warn,
  })
  const store = postgresStore({
    url: configuration.POSTGRES_URL,
    schema: `${configuration.POSTGRES_SCHEMA}_jobs`,
    warn,
  })
  const lines = new LineWatch()
  return { backend: withStore(lines.watch(broker), store, { grace: '10s', warn }), broker, lines }
}
