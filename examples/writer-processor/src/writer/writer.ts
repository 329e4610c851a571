import { createQueue, type Backend } from '@jobport/core'
import { createHttp, type Http, type Logger, type Operations } from '@jobport/example-service'
import { Counter, Gauge } from 'prom-client'
import { messageJob } from '../message/message-job.ts'
import { Delivery } from './delivery.ts'
import { Intake } from './intake.ts'
import { RecentKeys, type RecentKeysOptions } from './recent-keys.ts'
import { addRoutes } from './routes.ts'

export interface WriterOptions {
  readonly backend: Backend<any>
  readonly log: Logger
  readonly operations: Operations
  /** Messages that may be on their way to the queue at the same time. */
  readonly maxInFlight: number
  /** Messages in one bulk. */
  readonly bulkLimit: number
  /** Bytes of a body. */
  readonly bodyLimit: number
  /** How long a caller waits for the queue, in milliseconds. */
  readonly patience: number
  readonly recentKeys?: RecentKeysOptions
}

export interface Writer {
  readonly app: Http
  /** Answers the requests that came in time, and waits for what is on its way to the queue. */
  close(): Promise<void>
}

/** The HTTP service that takes messages and brings them to the queue. */
export async function createWriter(options: WriterOptions): Promise<Writer> {
  const { backend, log, operations, bodyLimit, bulkLimit, maxInFlight, patience, recentKeys } = options
  const { registry, instrumentation, endpoints } = operations
  // A caller waits, so a call is not repeated for long here: the caller does it, and has the key for it.
  const queue = createQueue(backend, { instrumentation, patience: 0 })
  const intake = new Intake(maxInFlight)
  const keys = new RecentKeys(recentKeys)
  const outcomes = new Counter({
    name: 'messages_written_total',
    help: 'Messages of callers, by what became of them: accepted, or why not',
    labelNames: ['outcome'],
    registers: [registry],
  })
  gauge(registry, 'messages_in_flight', 'Messages on their way to the queue', () => intake.inFlight)
  gauge(registry, 'messages_in_flight_limit', 'Beyond so many callers are refused', () => intake.most)
  gauge(registry, 'messages_recent_keys', 'Idempotency keys that are remembered', () => keys.size)

  const app = await createHttp({
    log,
    title: 'Queue writer',
    description: 'Takes messages and writes them to a queue, one or many at a time.',
    version: '1.0.0',
    bodyLimit,
    endpoints,
  })
  addRoutes(app, {
    bulkLimit,
    intake,
    delivery: new Delivery({ queue, job: messageJob(), intake, keys, patience }),
    count: (outcome) => outcomes.inc({ outcome: outcome.status === 'accepted' ? 'accepted' : outcome.code }),
  })
  return {
    app,
    async close() {
      await app.close()
      await queue.close()
    },
  }
}

function gauge(registry: Operations['registry'], name: string, help: string, value: () => number): void {
  const measured: Gauge = new Gauge({ name, help, registers: [registry], collect: () => measured.set(value()) })
}
