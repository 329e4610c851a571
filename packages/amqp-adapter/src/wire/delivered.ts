import type { Incoming } from './incoming.ts'
import {
  APP_ID,
  AROUND,
  BASIC,
  BEGINNING,
  BODY,
  DELIVER,
  DELIVERY_MODE,
  DOUBLE,
  END,
  EXPIRATION,
  HEADER,
  HEADERS,
  INTEGER,
  MESSAGE_ID,
  METHOD,
  PRIORITY,
  TEXT,
  TYPE,
} from './protocol.ts'

/** A message that was delivered, with all of its frames. */
export interface Delivered {
  readonly channel: number
  readonly consumerTag: string
  readonly message: Incoming
  /** Where its last frame ends. */
  readonly end: number
}

/** What `Frames` writes. */
const OURS = HEADERS | DELIVERY_MODE | PRIORITY | EXPIRATION | MESSAGE_ID | TYPE | APP_ID

/** Where a header has the size of the content, behind the class and a weight that nobody uses, and where it has the properties, which begin with which there are. */
const SIZE = BEGINNING + 4
const PROPERTIES = SIZE + 8

/**
 * The delivery that begins there. `undefined`: something else does, or not all of it has come, or it has what messages of ours have not, or a body of several frames: then the
 * driver knows better.
 */
export function deliveredAt(bytes: Buffer, start: number): Delivered | undefined {
  const channel = short(bytes, start + 1)
  const header = endOf(bytes, start, METHOD, channel)
  if (header === undefined || !isDelivery(bytes, start + BEGINNING)) return undefined
  const body = endOf(bytes, header, HEADER, channel)
  if (body === undefined) return undefined
  const size = quad(bytes, header + SIZE)
  const end = size === 0 ? body : endOf(bytes, body, BODY, channel)
  if (end === undefined || (size > 0 && end - body !== AROUND + size)) return undefined
  const properties = propertiesAt(bytes, header + PROPERTIES)
  if (properties === undefined) return undefined
  const tag = start + BEGINNING + 4
  const afterTag = tag + 1 + bytes[tag]!
  const content = size === 0 ? bytes.subarray(end, end) : bytes.subarray(body + BEGINNING, end - 1)
  const fields = { deliveryTag: quad(bytes, afterTag), redelivered: (bytes[afterTag + 8]! & 1) === 1 }
  return { channel, consumerTag: shortText(bytes, tag), message: { fields, properties, content }, end }
}

function isDelivery(bytes: Buffer, at: number): boolean {
  return short(bytes, at) === BASIC && short(bytes, at + 2) === DELIVER
}

/** Where the frame ends that begins there. `undefined` unless it has come whole, and is of this kind and channel: frames of others may come in between. */
function endOf(bytes: Buffer, start: number, kind: number, channel: number): number | undefined {
  if (bytes[start] !== kind || short(bytes, start + 1) !== channel) return undefined
  const end = start + AROUND + long(bytes, start + 3)
  return bytes[end - 1] === END ? end : undefined
}

function propertiesAt(bytes: Buffer, start: number): Incoming['properties'] | undefined {
  const flags = short(bytes, start)
  if ((flags & ~OURS) !== 0) return undefined
  let at = start + 2
  let headers: Record<string, unknown> | undefined
  let priority: number | undefined
  let messageId: string | undefined
  let type: string | undefined
  let appId: string | undefined
  if ((flags & HEADERS) !== 0) {
    const end = at + 4 + long(bytes, at)
    headers = tableOf(bytes, at + 4, end)
    if (headers === undefined) return undefined
    at = end
  }
  if ((flags & DELIVERY_MODE) !== 0) at++
  if ((flags & PRIORITY) !== 0) priority = bytes[at++]!
  if ((flags & EXPIRATION) !== 0) at += 1 + bytes[at]!
  if ((flags & MESSAGE_ID) !== 0) {
    messageId = shortText(bytes, at)
    at += 1 + bytes[at]!
  }
  if ((flags & TYPE) !== 0) {
    type = shortText(bytes, at)
    at += 1 + bytes[at]!
  }
  if ((flags & APP_ID) !== 0) appId = shortText(bytes, at)
  return { messageId, type, appId, priority, headers }
}

/** `undefined`: it has values of types that are not ours, and not the server's count of deliveries. */
function tableOf(bytes: Buffer, start: number, end: number): Record<string, unknown> | undefined {
  const table: Record<string, unknown> = {}
  for (let at = start; at < end;) {
    const name = shortText(bytes, at)
    at += 1 + bytes[at]!
    const type = bytes[at++]
    if (type === TEXT) {
      const from = at + 4
      at = from + long(bytes, at)
      table[name] = bytes.toString('utf8', from, at)
    } else if (type === DOUBLE) {
      table[name] = bytes.readDoubleBE(at)
      at += 8
    } else if (type === INTEGER) {
      table[name] = (long(bytes, at) | 0) * 2 ** 32 + long(bytes, at + 4)
      at += 8
    } else return undefined
  }
  return table
}

function short(bytes: Buffer, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

function long(bytes: Buffer, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

function quad(bytes: Buffer, at: number): number {
  return long(bytes, at) * 2 ** 32 + long(bytes, at + 4)
}

function shortText(bytes: Buffer, at: number): string {
  return bytes.toString('utf8', at + 1, at + 1 + bytes[at]!)
}
