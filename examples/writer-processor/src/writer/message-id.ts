import { createHash } from 'node:crypto'
import type { Message } from '../message/message.ts'

/**
 * The id that a message gets by the caller's idempotency key, the same from every writer and at every time. The content is part of it: a key that is used again by mistake, for
 * something else or by someone else, makes another id, and no message is taken for the repeat of a different one.
 */
export function messageId(key: string, index: number, message: Message): string {
  return `k-${digest([key, index, canonical(message)]).slice(0, 32)}`
}

/** Tells whether two calls are about the same. */
export function contentDigest(messages: readonly Message[]): string {
  return digest(messages.map(canonical))
}

/** The order of attributes means nothing. */
function canonical({ topic, text, attributes = {} }: Message): unknown {
  return [topic, text, Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1))]
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
