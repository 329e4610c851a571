import type { MessageAttributeValue } from '@aws-sdk/client-sqs'
import type { BackendError, Encoded } from '@jobport/core/adapter'
import type { Held } from '../held.ts'
import { REQUEST_BYTES } from '../limits.ts'
import type { Live } from '../live.ts'
import { bytesOf, ERROR_ATTRIBUTE } from '../message/envelope.ts'
import { escapeUnsafe } from '../message/text.ts'
import { groupId, repeatId } from '../queue/names.ts'
import type { VerifiedQueue } from '../queue/queue.ts'
import { send, type Parcel, type Sent } from './send.ts'
import { remove } from './visibility.ts'

/** Attributes of a message; SQS takes no more. */
const MOST_ATTRIBUTES = 10

/** The message of a dead job, with its error, for the dead-letter queue. */
export function deadParcel(live: Live, held: Held, error: Encoded, index: number): Parcel {
  const { message, id, group, handle } = held
  const body = message.Body ?? ''
  const others = Object.entries(message.MessageAttributes ?? {}).filter(([name]) => name !== ERROR_ATTRIBUTE)
  const kept = Object.fromEntries(others.slice(0, MOST_ATTRIBUTES - 1).map(([name, value]) => [name, plain(value)]))
  const room = REQUEST_BYTES - bytesOf({ body, attributes: kept }) - ERROR_ATTRIBUTE.length - 'String'.length
  const text = escapeUnsafe(error)
  const fits = Buffer.byteLength(text) <= room
  // Three bytes are the most that a character left by escaping can have.
  const short = fits ? text : text.slice(0, Math.max(0, Math.floor(room / 3)))
  const attributes = short === '' ? kept : { ...kept, [ERROR_ATTRIBUTE]: { DataType: 'String', StringValue: short } }
  return {
    index,
    bytes: bytesOf({ body, attributes }),
    entry: {
      MessageBody: body,
      ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
      ...(live.settings.fifo && {
        MessageGroupId: message.Attributes?.MessageGroupId ?? groupId(group, id),
        // The same death twice is one; the next one is another.
        MessageDeduplicationId: repeatId(id, `died as ${handle}`),
      }),
    },
  }
}

/** What SQS gave us of an attribute, without what it may not be sent back with. */
function plain({ DataType, StringValue, BinaryValue }: MessageAttributeValue): MessageAttributeValue {
  return {
    DataType,
    ...(StringValue !== undefined && { StringValue }),
    ...(BinaryValue !== undefined && { BinaryValue }),
  }
}

/** Sends a message that no job can be made of to the dead-letter queue. Where that fails it comes back, and the redrive policy ends it. */
export async function bury(live: Live, queue: VerifiedQueue, held: Held, reason: unknown): Promise<void> {
  const { settings } = live
  const problem = reason instanceof Error ? reason.message : String(reason)
  let outcome: Sent = 'sent'
  const error = JSON.stringify({ name: 'UnreadableMessageError', message: problem })
  await send(live, queue.dead, [deadParcel(live, held, error, 0)], (_, answer) => (outcome = answer))
  const failed = outcome as Sent
  if (failed === 'sent') await remove(live, queue.url, [held.handle])
  const what =
    failed === 'sent' ? 'went to the dead-letter queue' : `cannot be moved away: ${(failed as BackendError).message}`
  settings.warn(`sqs: message ${held.id} of ${queue.url} is unreadable, since ${problem}; it ${what}.`)
}
