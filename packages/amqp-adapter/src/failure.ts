import {
  BackendError,
  isBackendFailure,
  type BackendFailureCode,
  type BackendErrorOptions,
} from '@jobport/core/adapter'
import { NAME } from './limits.ts'

/** What the server says by the number of its reply. */
const REPLIES: Readonly<Record<number, readonly [code: BackendFailureCode, what: string]>> = {
  311: ['too-large', 'the message is larger than the server takes; see max_message_size'],
  320: ['unavailable', 'the connection was closed by an operator, or the server shuts down'],
  403: ['denied', 'the user lacks a right; the guide lists those that jobport needs'],
  404: ['not-found', 'a queue or exchange is missing'],
  405: ['unavailable', 'the queue is locked by another connection'],
  406: ['unsupported', 'the server refuses this with these arguments'],
  530: ['denied', 'the user may not use this vhost, or it does not exist'],
  540: ['unsupported', 'the server lacks what is asked of it'],
}

/** How the driver tells of a wrong password, and of a vhost that does not exist or may not be used. */
const REFUSED_HANDSHAKE = /ACCESS[_-]REFUSED|Expected ConnectionOpenOk; got <ConnectionClose/

/** Any error, as a failure of the backend. */
export function failure(error: unknown, options: Pick<BackendErrorOptions, 'outcome'> = {}): BackendError {
  if (isBackendFailure(error)) return error as BackendError
  const message = mask(error instanceof Error ? error.message : String(error))
  const given = { ...options, cause: error }
  const reply = replyOf(error)
  const known = reply === undefined ? undefined : REPLIES[reply]
  if (known !== undefined) return new BackendError(known[0], NAME, `${known[1]} (${message})`, given)
  if (REFUSED_HANDSHAKE.test(message)) {
    return new BackendError('denied', NAME, `the server refuses this user or vhost (${message})`, given)
  }
  return new BackendError(
    'unavailable',
    NAME,
    `the server did not answer; is it up, and reachable from here? (${message})`,
    given,
  )
}

/** The number with which the server ended a channel or connection. */
export function replyOf(error: unknown): number | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === 'number' ? code : undefined
}

/** Passwords have no place in messages. */
function mask(message: string): string {
  return message.replace(/(amqps?:\/\/[^:@/\s]*):[^@\s]*@/g, '$1:***@')
}
