import { BackendError, isBackendFailure, type BackendFailure, type BackendFailureCode } from '@jobport/core/adapter'
import { NAME } from '../limits.ts'

type Meaning = readonly [code: BackendFailureCode, outcome: BackendFailure['outcome'], remedy: string]

/** By SQLSTATE, or its first two characters. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  '08': ['unavailable', 'unknown', 'the connection was lost; is the server up, and reachable from here?'],
  '57P01': ['unavailable', 'unknown', 'an administrator ended the connection, or the server restarts'],
  '57P02': ['unavailable', 'unknown', 'the server restarts after a crash'],
  '57P03': ['unavailable', 'none', 'the server is starting up, or is a standby that takes no connections'],
  '57P05': ['unavailable', 'unknown', 'the connection was idle for too long; raise `idle_session_timeout`'],
  '57014': [
    'unavailable',
    'none',
    'the call took too long; look at the load, or raise `statement_timeout` of the role',
  ],
  '53300': ['unavailable', 'none', 'all connections are taken; raise `max_connections`, or use a pooler'],
  '53200': ['unavailable', 'none', 'the server has no memory left'],
  '53100': ['full', 'none', 'the disk of the server is full; free some space'],
  '53': ['unavailable', 'none', 'the server lacks resources'],
  '40001': ['unavailable', 'none', 'other transactions were in the way; the call may be repeated'],
  '40P01': ['unavailable', 'none', 'other transactions were in the way; the call may be repeated'],
  '55P03': ['unavailable', 'none', 'a lock could not be had in time; look for long transactions'],
  '25006': ['unavailable', 'none', 'the server is read-only; connect to the primary, or wait until it is one'],
  '28': ['denied', 'none', 'the server refuses the login; look at user, password and pg_hba.conf'],
  '42501': ['denied', 'none', 'the role lacks a right; see the roles in the guide'],
  '3D000': ['not-found', 'none', 'there is no such database; create it first'],
  '3F000': ['not-found', 'none', 'the schema is missing; run `jobport-postgres migrate`'],
  '42P01': ['not-found', 'none', 'a table is missing; run `jobport-postgres migrate`'],
  '42883': [
    'unsupported',
    'none',
    'the tables are of another version than this client; run the migration, or update the adapter',
  ],
  JP001: ['unsupported', 'none', 'update @jobport/postgres-adapter in this process'],
  '22021': ['invalid', 'none', 'a text contains a character that Postgres cannot hold, such as NUL'],
  '22P05': ['invalid', 'none', 'a text contains a character that Postgres cannot hold, such as NUL'],
  '54': ['too-large', 'none', 'a value is too large for Postgres'],
}

const SYSTEM = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
])
const LOST =
  /connection terminated|client has encountered a connection error|query read timeout|timeout (exceeded )?when trying to connect|timeout expired|client was closed|not queryable|connection ended/i

/** What went wrong, in the words of the contract. */
export function failure(error: unknown): unknown {
  if (isBackendFailure(error) || !(error instanceof Error)) return error
  const code = codeOf(error)
  if (code !== undefined) {
    const meaning = MEANINGS[code] ?? MEANINGS[code.slice(0, 2)]
    if (meaning !== undefined) {
      const [kind, outcome, remedy] = meaning
      return new BackendError(kind, NAME, `${error.message}: ${remedy}`, { cause: error, outcome })
    }
  }
  if ((code !== undefined && SYSTEM.has(code)) || LOST.test(error.message)) {
    const outcome = code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'ENOENT' ? 'none' : 'unknown'
    return new BackendError('unavailable', NAME, `${error.message}; is the server up, and reachable from here?`, {
      cause: error,
      outcome,
    })
  }
  if (error.message.includes('after calling end on the pool')) {
    return new BackendError('closed', NAME, 'the pool that was given has ended', { cause: error })
  }
  return new BackendError('internal', NAME, `${error.message}; the adapter does not know this failure`, {
    cause: error,
  })
}

/** Whether other transactions were in the way, and the same statement may go through now. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error)
  return code === '40001' || code === '40P01'
}

/** SQLSTATE, or the code of the operating system. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
