import { BackendError, isBackendFailure, type BackendFailureCode } from '@jobport/core/adapter'
import { NAME } from '../limits.ts'

type Refusal = readonly [pattern: RegExp, code: BackendFailureCode, what: string]

/** What a server says when it has not done what it was asked. */
const REFUSALS: readonly Refusal[] = [
  [/^OOM/, 'full', 'the memory of the server is full; raise maxmemory, or let more workers run'],
  [
    /^READONLY/,
    'unavailable',
    'the server is a replica, so nothing can be written; a failover is under way, or the address is that of a replica',
  ],
  [
    /^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS|UNBLOCKED)/,
    'unavailable',
    'the server cannot answer just now',
  ],
  [/^MISCONF/, 'unavailable', 'the server cannot write its data to the disk, and takes no more until it can'],
  [/^(NOAUTH|WRONGPASS)/, 'denied', 'the server wants another user or password'],
  [
    /^NOPERM.* (?:the keys|a key)\b/,
    'denied',
    'the user lacks a right to ~{<namespace>:* or ~<namespace>:queues, the keys of jobport',
  ],
  [
    /^NOPERM.* (?:the channels|a channel)\b/,
    'denied',
    'the user lacks a right to &<namespace>:wake:* or &{<namespace>:*}:events, the channels of jobport',
  ],
  [/^NOPERM/, 'denied', 'the user lacks a right; the guide lists those that jobport needs'],
  [/^(CROSSSLOT|MOVED|ASK)\b/, 'unsupported', 'the server is part of a cluster; give an ioredis Cluster as `client`'],
  [
    /WRONGTYPE/,
    'internal',
    'a key of this namespace holds something that is not jobport’s; choose another namespace, or remove the key',
  ],
]

/** What a script says of an error of a command that it called. */
const IN_SCRIPT = /^(?:ERR )?(?:Error running script.*?: @user_script:\s*\d+: |user_script:\d+: )?/

/** A right was taken away since we asked for it. What the script had done by then stays. */
const DENIED_IN_SCRIPT = /^(?:The user executing the script can't|ACL failure in script)/

/** Any error, as a failure of the backend. */
export function failure(error: unknown): Error {
  if (isBackendFailure(error)) return error
  const text = error instanceof Error ? error.message : String(error)
  const message = mask(text.replace(IN_SCRIPT, ''))
  const cause = { cause: error }
  if (error instanceof Error && error.name === 'ReplyError') {
    for (const [pattern, code, what] of REFUSALS) {
      if (pattern.test(message))
        // A refusal comes before anything is written; a key of another kind is met in the middle of a script as well.
        return new BackendError(code, NAME, `${what} (${message})`, {
          ...cause,
          outcome: code === 'internal' ? 'unknown' : 'none',
        })
    }
    if (DENIED_IN_SCRIPT.test(message)) {
      return new BackendError(
        'denied',
        NAME,
        `the user lacks a right; the guide lists those that jobport needs (${message})`,
        {
          ...cause,
          outcome: 'unknown',
        },
      )
    }
    return new BackendError('internal', NAME, message, cause)
  }
  // How the driver says that the connection ended; its advice is about an option that is not the application's.
  if (error instanceof Error && error.name === 'MaxRetriesPerRequestError') {
    return new BackendError('unavailable', NAME, 'the connection ended before the server answered; is it up?', cause)
  }
  // The driver says so of a command that it has not sent.
  if (message.includes('enableOfflineQueue')) {
    return new BackendError(
      'unavailable',
      NAME,
      'there is no connection to the server; is it up, and reachable from here?',
      {
        ...cause,
        outcome: 'none',
      },
    )
  }
  return new BackendError(
    'unavailable',
    NAME,
    `the server did not answer; is it up, and reachable from here? (${message})`,
    cause,
  )
}

/** Passwords have no place in messages. */
function mask(message: string): string {
  return message.replace(/(rediss?:\/\/[^:@/\s]*):[^@\s]*@/g, '$1:***@')
}
