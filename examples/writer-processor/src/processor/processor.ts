import { createWorker, handle, type Backend, type Worker } from '@jobport/core'
import type { Operations } from '@jobport/example-service'
import type { Logger } from '@jobport/telemetry'
import { Counter } from 'prom-client'
import { messageJob, REQUEST_ID, type MessagePolicy } from '../message/message-job.ts'
import type { Capacity } from './capacity.ts'
import type { Effects } from './effects.ts'
import type { Work } from './work.ts'

export interface ProcessorOptions {
  readonly backend: Backend<any>
  readonly log: Logger
  readonly operations: Operations
  readonly capacity: Pick<Capacity, 'concurrency' | 'lease' | 'claimAhead'>
  readonly policy: Required<MessagePolicy>
  readonly work: Work
  readonly effects: Effects
}

/** Works on messages. A message may come twice, from a caller, a writer, or SQS itself; its effect is there once. */
export function createProcessor(options: ProcessorOptions): Worker {
  const { backend, log, operations, capacity, policy, work, effects } = options
  const { concurrency, lease, claimAhead } = capacity
  const { registry, instrumentation } = operations
  const counter = new Counter({
    name: 'messages_processed_total',
    help: 'Messages whose work is done: applied, or repeated when the effect was there already',
    labelNames: ['effect'],
    registers: [registry],
  })
  const done = (effect: 'applied' | 'repeated', id: string, requestId: string | undefined): void => {
    counter.inc({ effect })
    if (effect === 'applied') log.debug({ id, requestId }, 'the effect is there')
    else log.info({ id, requestId }, 'the effect was there already')
  }
  const handler = handle(messageJob(policy), async (message, { job: { id, headers }, signal }) => {
    const requestId = headers[REQUEST_ID]
    if (await effects.has(id)) return done('repeated', id, requestId)
    await work(message, signal)
    // Who was told to stop must not apply what another may be applying.
    signal.throwIfAborted()
    return done(await effects.apply(id, { id, requestId, ...message }), id, requestId)
  })
  return createWorker(backend, [handler], {
    concurrency,
    lease,
    claimAhead,
    // The queue is ours alone: a job that is not a message came here by mistake, and waiting does not mend that.
    unknownJobs: 'dead',
    instrumentation,
  })
}
