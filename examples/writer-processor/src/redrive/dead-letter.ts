import type { Message as SqsMessage } from '@aws-sdk/client-sqs'
import { z } from 'zod'
import { REQUEST_ID } from '../message/message-job.ts'

/** A message that was given up. */
export interface DeadLetter {
  /** Of the message, as its caller knows it; that of SQS where it is none of ours. */
  readonly id: string
  readonly topic: string | undefined
  /** Of the request that brought it. */
  readonly requestId: string | undefined
  /** When it was sent to the dead-letter queue; when it was first sent, where SQS itself moved it. */
  readonly since: string
  readonly error: string
}

const body = z.object({
  jobport: z.object({ id: z.string(), headers: z.record(z.string(), z.string()).default({}) }),
  payload: z.unknown(),
})
const payload = z.object({ topic: z.string() })
const failure = z.object({ name: z.string(), message: z.string() })

const NO_ERROR = 'no error is known: SQS gave it up after too many receipts, so it takes its processor down'

/** What can be read of it, whatever it is. */
export function deadLetterOf({ Attributes, Body = '', MessageAttributes, MessageId }: SqsMessage): DeadLetter {
  const ours = body.safeParse(json(Body)).data
  const error = failure.safeParse(json(MessageAttributes?.['jobport-error']?.StringValue ?? '')).data
  return {
    id: ours?.jobport.id ?? MessageId!,
    topic: payload.safeParse(ours?.payload).data?.topic,
    requestId: ours?.jobport.headers[REQUEST_ID],
    since: new Date(Number(Attributes?.SentTimestamp)).toISOString(),
    error: error === undefined ? NO_ERROR : `${error.name}: ${error.message}`,
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
