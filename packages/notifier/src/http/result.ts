import type { DeliveryResult } from '../channel.ts'
import type { Reply } from './post.ts'

/** What no repeat of the same request can change. */
const PERMANENT: ReadonlySet<number> = new Set([400, 405, 413, 414, 415, 422, 501])

/** What the answer of a receiver means. */
export function resultOf({ status, retryAfter }: Reply): DeliveryResult {
  if (status >= 200 && status < 300) return { status: 'delivered', receipt: `status ${status}` }
  if (status >= 300 && status < 400) {
    return { status: 'retryable', reason: `the receiver answered ${status}; redirects are not followed` }
  }
  if (status === 410) return { status: 'permanent', reason: 'the receiver answered 410: it is gone' }
  const reason = `the receiver answered ${status}`
  if (PERMANENT.has(status)) return { status: 'permanent', reason }
  return { status: 'retryable', reason, ...(retryAfter !== undefined && { retryAfter }) }
}
