import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs'
import type { ClaimedJob } from '@jobport/core/adapter'

export type Counts = Pick<ClaimedJob, 'attempt' | 'failures' | 'crashes' | 'enqueuedAt'>

/** What a message brings of the claims that its job had as another message. */
export const COUNTS_ATTRIBUTE = 'jobport-counts'

/**
 * What is known of the claims of a job. SQS counts how often a message was received and nothing else, so every earlier claim of this message counts as a failure; those that
 * were given back without one have made it a new message, which says so.
 */
export function countsOf({ Attributes = {}, MessageAttributes = {} }: Message): Counts {
  const received = Number(Attributes.ApproximateReceiveCount ?? 1)
  const before = MessageAttributes[COUNTS_ATTRIBUTE]?.StringValue
  const [attempt = 0, failures = 0, enqueuedAt = Number(Attributes.SentTimestamp ?? 0)] =
    before?.split(' ').map(Number) ?? []
  return { attempt: attempt + received, failures: failures + received - 1, crashes: 0, enqueuedAt }
}

export function countsAttribute({ attempt, failures, enqueuedAt }: Counts): MessageAttributeValue {
  return { DataType: 'String', StringValue: `${attempt} ${failures} ${enqueuedAt}` }
}
