import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  type Message as SqsMessage,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { deadLetterOf, type DeadLetter } from './dead-letter.ts'

/** Messages in one request to SQS. */
const REQUEST_ENTRIES = 10
/** Seconds in which the list has to be made: what was received is hidden meanwhile, so that it does not come twice. */
const HIDDEN = 60

/** Up to `limit` messages in the dead-letter queue of a queue. SQS cannot be asked what it holds, so they are received and shown again. */
export async function listDeadLetters(client: SQSClient, queue: string, limit: number): Promise<readonly DeadLetter[]> {
  const QueueUrl = await deadLetterQueueOf(client, queue)
  const received: SqsMessage[] = []
  try {
    while (received.length < limit) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: Math.min(REQUEST_ENTRIES, limit - received.length),
          VisibilityTimeout: HIDDEN,
          // Asks all servers of SQS, unlike a request that does not wait.
          WaitTimeSeconds: 1,
          MessageSystemAttributeNames: ['SentTimestamp'],
          MessageAttributeNames: ['jobport-error'],
        }),
      )
      if (Messages.length === 0) break
      received.push(...Messages)
    }
    return received.map(deadLetterOf)
  } finally {
    await showAgain(client, QueueUrl, received)
  }
}

async function deadLetterQueueOf(client: SQSClient, queue: string): Promise<string> {
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queue }))
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] }),
  )
  const { deadLetterTargetArn } = JSON.parse(Attributes?.RedrivePolicy ?? '{}') as { deadLetterTargetArn?: string }
  if (deadLetterTargetArn === undefined) throw new Error(`the queue ${queue} has no dead-letter queue`)
  const dead = await client.send(new GetQueueUrlCommand({ QueueName: deadLetterTargetArn.split(':').at(-1) }))
  return dead.QueueUrl!
}

async function showAgain(client: SQSClient, QueueUrl: string, received: readonly SqsMessage[]): Promise<void> {
  for (let from = 0; from < received.length; from += REQUEST_ENTRIES) {
    const Entries = received
      .slice(from, from + REQUEST_ENTRIES)
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }))
    await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }))
  }
}
