import type { MessageAttributeValue, SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs'
import type { Encoded, Ms } from '@jobport/core/adapter'
import type { Held } from '../held.ts'
import { REQUEST_BYTES, seconds } from '../limits.ts'
import type { Settings } from '../options.ts'
import { groupId, repeatId } from '../queue/names.ts'
import { countsAttribute, COUNTS_ATTRIBUTE } from './counts.ts'
import { bytesOf, ERROR_ATTRIBUTE } from './envelope.ts'
import { escapeUnsafe } from './text.ts'

/** A message on its way. */
export interface Parcel {
  /** Where its answer belongs. */
  readonly index: number
  readonly entry: Omit<SendMessageBatchRequestEntry, 'Id'>
  readonly bytes: number
}

type Attributes = Record<string, MessageAttributeValue>

/** Attributes of a message; SQS takes no more. */
const MOST_ATTRIBUTES = 10

/** The message of a dead job, with its error, for the dead-letter queue. */
export function deadParcel(settings: Pick<Settings, 'fifo'>, held: Held, error: Encoded, index: number): Parcel {
  const kept = Object.fromEntries(Object.entries(othersOf(held)).slice(0, MOST_ATTRIBUTES - 1))
  const body = held.message.Body ?? ''
  const room = REQUEST_BYTES - bytesOf({ body, attributes: kept }) - ERROR_ATTRIBUTE.length - 'String'.length
  const text = escapeUnsafe(error)
  // Three bytes are the most that a character left by escaping can have.
  const short = Buffer.byteLength(text) <= room ? text : text.slice(0, Math.max(0, Math.floor(room / 3)))
  const attributes = short === '' ? kept : { ...kept, [ERROR_ATTRIBUTE]: { DataType: 'String', StringValue: short } }
  return parcelOf(settings, held, attributes, `died as ${held.handle}`, index)
}

/**
 * The message of a job that goes back without a failure: a new one, that knows of the claims so far. `undefined` where only the old one can be shown again: it would lose its
 * place in its group, or the delay is too long for a message.
 */
export function releasedParcel(
  settings: Pick<Settings, 'fifo'>,
  held: Held,
  delay: Ms,
  longest: Ms,
  index: number,
): Parcel | undefined {
  const others = othersOf(held)
  if (held.group !== undefined || delay > longest || Object.keys(others).length === MOST_ATTRIBUTES) return undefined
  const attributes = { ...others, [COUNTS_ATTRIBUTE]: countsAttribute(held.counts) }
  const parcel = parcelOf(settings, held, attributes, `returned as ${held.handle}`, index)
  if (parcel.bytes > REQUEST_BYTES) return undefined
  return delay > 0 ? { ...parcel, entry: { ...parcel.entry, DelaySeconds: seconds(delay) } } : parcel
}

function parcelOf(
  { fifo }: Pick<Settings, 'fifo'>,
  { message, id, group }: Held,
  attributes: Attributes,
  reason: string,
  index: number,
): Parcel {
  const body = message.Body ?? ''
  return {
    index,
    bytes: bytesOf({ body, attributes }),
    entry: {
      MessageBody: body,
      ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
      ...(fifo && {
        MessageGroupId: message.Attributes?.MessageGroupId ?? groupId(group, id),
        // The same twice is one; the next time is another.
        MessageDeduplicationId: repeatId(id, reason),
      }),
    },
  }
}

/** What others have put beside the body, without what SQS may not be given back. */
function othersOf({ message }: Held): Attributes {
  const others: Attributes = {}
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(message.MessageAttributes ?? {})) {
    if (name === ERROR_ATTRIBUTE || name === COUNTS_ATTRIBUTE) continue
    others[name] = {
      DataType,
      ...(StringValue !== undefined && { StringValue }),
      ...(BinaryValue !== undefined && { BinaryValue }),
    }
  }
  return others
}
