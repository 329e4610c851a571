import { sqsBackend, type SqsBackend, type SqsBackendOptions } from '@jobport/sqs-adapter'
import type { Logger } from '@jobport/telemetry'
import { Counter } from 'prom-client'
import { QUEUE } from '../message/message-job.ts'

export interface MessageBackendOptions extends Pick<
  SqsBackendOptions,
  'sqs' | 'prefix' | 'create' | 'maxReceives' | 'callTimeout' | 'attempts' | 'longPoll'
> {
  readonly log: Logger
}

export interface MessageBackend {
  readonly backend: SqsBackend<false>
  /** What SQS throttled, refused or did not answer, and was asked again. */
  readonly retries: Counter
}

/** SQS as writer and processor see it: one standard queue with its dead-letter queue, looked at when it is opened. */
export function messageBackend({ log, ...options }: MessageBackendOptions): MessageBackend {
  const retries = new Counter({
    name: 'messages_sqs_retries_total',
    help: 'Requests to SQS, or entries of one, that were tried again',
    labelNames: ['operation', 'code'],
    registers: [],
  })
  const backend = sqsBackend({
    ...options,
    queues: [QUEUE],
    warn: (warning) => log.warn({ warning }, 'the queue needs a look'),
    onRetry: ({ operation, entries, attempt, delay, error: { code } }) => {
      retries.inc({ operation, code }, entries)
      log.debug({ operation, entries, attempt, delay, code }, 'SQS is asked again')
    },
  })
  return { backend, retries }
}
