import { createWorker, type Handler, type WorkerOptions } from '@jobport/core'
import {
  missingStore,
  OptionError,
  sleep,
  systemClock,
  type ClaimedJob,
  type Ms,
  type Mover,
} from '@jobport/core/adapter'
import { SqsAdapter, type SqsBackend } from '../sqs-backend.ts'
import { BatchBackend } from './batch-backend.ts'
import { messageOf, type LambdaAnswer, type LambdaContext, type LambdaEvent, type LambdaRecord } from './event.ts'

export interface LambdaHandlerOptions extends WorkerOptions {
  /** The backend of the queues; made once, outside of the function. */
  readonly backend: SqsBackend
}

/** What AWS Lambda calls. */
export type LambdaFunction = (event: LambdaEvent, context?: LambdaContext) => Promise<LambdaAnswer>

/** Kept of the function's time to give back what is not done. */
const RESERVE: Ms = 2_000
/** A function runs at most so long, where no context says how long it may. */
const LONGEST: Ms = 900_000

/**
 * A function for AWS Lambda that runs the jobs of its event, with retries, follow-ups and dead-letter queue as any worker. Set `ReportBatchItemFailures` of the event source:
 * only jobs that are over are removed. Those that fail are shown again after their backoff; those that do not end within the function's time come again too.
 * @example
 * const backend = sqsBackend()
 * export const handler = lambdaHandler([handle(thumbnail, resize)], { backend })
 * @throws OptionError when the backend is none of `sqsBackend`. The function itself throws a BackendError, before it runs any job, where the event has jobs that are kept in a store: they come
 * again, for a worker on `withStore`.
 */
export function lambdaHandler(handlers: readonly Handler[], options: LambdaHandlerOptions): LambdaFunction {
  const { backend, ...workerOptions } = options
  if (!(backend instanceof SqsAdapter)) throw new OptionError('backend', 'must be made by sqsBackend()')
  const names = new Set(handlers.map(({ definition }) => definition.queue))
  return async (event, context) => {
    const remaining = context?.getRemainingTimeInMillis() ?? LONGEST
    await backend.open()
    const failed = new Set(event.Records.map(({ messageId }) => messageId))
    const records = new Map<string, LambdaRecord>()
    const jobs: ClaimedJob[] = []
    const unreadable: Promise<unknown>[] = []
    for (const [arn, some] of Map.groupBy(event.Records, ({ eventSourceARN }) => eventSourceARN)) {
      const queue = await backend.queueOf(arn, [...names])
      const adopted = await backend.adopt(queue, some.map(messageOf), ({ MessageId }, buried) =>
        unreadable.push(buried.then((isGone) => isGone && failed.delete(MessageId!))),
      )
      for (const record of some) records.set(record.receiptHandle, record)
      jobs.push(...adopted)
    }
    const misled = missingStore(backend, jobs)
    if (misled !== undefined) {
      // Lambda may freeze the process when the function has ended.
      await Promise.all(unreadable)
      throw misled
    }
    const batch = new BatchBackend(backend, jobs)
    const worker = createWorker(batch as Mover as never, handlers, {
      concurrency: Math.max(1, jobs.length),
      ...workerOptions,
    })
    worker.on('lost', ({ id }) => batch.lose(id))
    if (jobs.length > 0) {
      await worker.start()
      const timeUp = new AbortController()
      await Promise.race([batch.ended, sleep(systemClock, Math.max(0, remaining - RESERVE), timeUp.signal)])
      timeUp.abort()
      // Outcomes that cannot be stored are jobs that come again.
      await worker.close({ grace: 0 }).catch(() => {})
    }
    await Promise.all(unreadable)
    for (const { lease } of jobs) {
      const handle = lease.token.slice(lease.token.indexOf(':') + 1)
      if (batch.isOver(lease)) failed.delete(records.get(handle)!.messageId)
    }
    return { batchItemFailures: Array.from(failed, (itemIdentifier) => ({ itemIdentifier })) }
  }
}
