import { z } from 'zod'
import { message, type Message } from '../message/message.ts'
import type { Outcome } from './delivery.ts'

/** Any value, shown by OpenAPI as the message that it should be: each is judged for itself, so that one wrong does not refuse all. */
export function bulkBody(limit: number) {
  const { $schema: _, ...shape } = z.toJSONSchema(message, { io: 'input' })
  return z.object({ messages: z.array(z.unknown().meta(shape)).min(1).max(limit) })
}

/** The messages of a bulk that can be delivered, with their places, and the outcomes of those that cannot. */
export function judge(items: readonly unknown[]) {
  const valid: { readonly index: number; readonly message: Message }[] = []
  const outcomes: Outcome[] = []
  items.forEach((item, index) => {
    const parsed = message.safeParse(item)
    if (parsed.success) valid.push({ index, message: parsed.data })
    else outcomes[index] = invalid(index, parsed.error)
  })
  return { valid, outcomes }
}

function invalid(index: number, { issues }: z.ZodError): Outcome {
  const { path, message } = issues[0]!
  const field = ['body', 'messages', index, ...path].join('.')
  return { status: 'refused', code: 'invalid', message: `${field}: ${message}`, field, retryable: false }
}
