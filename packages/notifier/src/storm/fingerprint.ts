import { createHash } from 'node:crypto'
import type { Notification } from '@jobport/core/notify'

/** What varies between two occurrences of one error: ids, numbers, addresses, quoted values. In order: a later one must not spoil an earlier one. */
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<id>'],
  [/https?:\/\/[^\s"'<>)]+/gi, '<url>'],
  [/(["'`])(?:(?!\1).){1,200}\1/g, '<value>'],
  [/\b0x[0-9a-f]+\b|\b[0-9a-f]*\d[0-9a-f]{7,}\b/gi, '<id>'],
  [/\d+(?:[.,]\d+)*/g, '<n>'],
]

/** Equal for notifications of one kind: the same job name, event and error, whatever ids and numbers the error's message names. */
export function fingerprint({ job, event, error }: Notification): string {
  const message = VARIABLE.reduce(
    (text, [pattern, word]) => text.replaceAll(pattern, word),
    (error?.message ?? '').slice(0, 500),
  )
  return JSON.stringify([job.name, event, error?.name, error?.code, message.slice(0, 200)])
}

/** Short, and good for an id. */
export function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}
