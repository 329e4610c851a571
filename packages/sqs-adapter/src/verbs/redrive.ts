import { ReceiveMessageCommand, type Message } from '@aws-sdk/client-sqs'
import { REQUEST_ENTRIES } from '../limits.ts'
import { OptionError } from '@jobport/core/adapter'
import type { Live } from '../live.ts'
import { COUNTS_ATTRIBUTE } from '../message/counts.ts'
import type { Parcel } from '../message/moved.ts'
import { bytesOf, ERROR_ATTRIBUTE, redriven } from '../message/envelope.ts'
import { groupId, repeatId } from '../queue/names.ts'
import { send } from './send.ts'
import { remove, show } from './visibility.ts'

/** Nobody else redrives a message meanwhile. */
const VISIBILITY = 60

export interface RedriveOptions {
  /** How many jobs to send back at most. Default: all. */
  readonly limit?: number
  /** Ends it early; what was sent back stays so. */
  readonly signal?: AbortSignal
}

/** Answers how many were sent back. */
export async function redrive(live: Live, name: string, options: RedriveOptions): Promise<number> {
  const { limit = Infinity, signal } = options
  if (!(limit >= 1)) throw new OptionError('limit', `must be 1 or more, not ${String(limit)}`)
  const queue = await live.queues.verify(name)
  let count = 0
  const isOver = (): boolean => count >= limit || signal?.aborted === true
  while (!isOver()) {
    const messages = await dead(live, queue.dead, Math.min(REQUEST_ENTRIES, limit - count))
    if (messages.length === 0) break
    const sent: string[] = []
    const kept: string[] = []
    let refusal: Error | undefined
    await send(
      live,
      queue.url,
      messages.map((message, index) => parcelOf(live, message, index)),
      (index, answer) => {
        const handle = messages[index]!.ReceiptHandle!
        if (answer === 'sent') return void sent.push(handle)
        kept.push(handle)
        refusal = answer
      },
    )
    await Promise.all([
      sent.length > 0 && remove(live, queue.dead, sent),
      kept.length > 0 && show(live, queue.dead, kept),
    ])
    if (refusal !== undefined) throw refusal
    count += sent.length
  }
  return count
}

async function dead(live: Live, url: string, count: number): Promise<readonly Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: url,
    MaxNumberOfMessages: count,
    VisibilityTimeout: VISIBILITY,
    // Asks all servers of SQS, unlike a request that does not wait.
    WaitTimeSeconds: 1,
    MessageSystemAttributeNames: ['MessageGroupId'],
    MessageAttributeNames: ['All'],
  })
  const { Messages = [] } = await live.calls.make({ operation: 'ReceiveMessage', url, signal: live.closing }, () =>
    live.client.send(command),
  )
  return Messages
}

/** A new message, whose claims SQS counts from the beginning. */
function parcelOf(live: Live, message: Message, index: number): Parcel {
  const { body, head } = redriven(message.Body ?? '')
  const { [ERROR_ATTRIBUTE]: _, [COUNTS_ATTRIBUTE]: __, ...attributes } = message.MessageAttributes ?? {}
  const id = head?.id ?? message.MessageId!
  return {
    index,
    bytes: bytesOf({ body, attributes }),
    entry: {
      MessageBody: body,
      ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
      ...(live.settings.fifo && {
        MessageGroupId: message.Attributes?.MessageGroupId ?? groupId(head?.group, id),
        MessageDeduplicationId: repeatId(id, `redriven as ${message.MessageId}`),
      }),
    },
  }
}
