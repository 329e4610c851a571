import { BackendError } from '@jobport/core'

/** Why a message was not taken. */
export interface Refusal {
  /** For programs: stable, in lower case with dashes. */
  readonly code: string
  readonly message: string
  /** Which part of the request is wrong. */
  readonly field?: string
  /** The same call may succeed a little later. */
  readonly retryable: boolean
}

export const BUSY: Refusal = {
  code: 'busy',
  message: 'too many messages are on their way to the queue; nothing of this call was stored',
  retryable: true,
}

/** The queue has not answered in the time that a caller waits. */
export const SLOW: Refusal = {
  code: 'unavailable',
  message: 'the queue does not answer; what was sent may still be stored, so repeat it with the same Idempotency-Key',
  retryable: true,
}

const THROTTLED: Refusal = {
  code: 'throttled',
  message: 'the queue asks to slow down; it was not stored',
  retryable: true,
}

/**
 * What a caller may know of a failure of the queue.
 * @throws the error, where it is the service's own fault
 */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof BackendError)) throw error
  const { code, outcome, retryable } = error
  if (code === 'too-large') return { code, message: 'it is too long for the queue', retryable: false }
  if (!retryable) throw error
  if (code === 'throttled') return THROTTLED
  return outcome === 'unknown'
    ? SLOW
    : { code: 'unavailable', message: 'the queue is away; it was not stored', retryable }
}
