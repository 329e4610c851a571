import { BackendError, isBackendFailure, type BackendFailure, type BackendFailureCode } from '@jobport/core/adapter'
import { NAME } from '../limits.ts'

type Meaning = readonly [code: BackendFailureCode, outcome: BackendFailure['outcome'], remedy: string]

const UNKNOWN: Meaning = ['internal', 'unknown', 'SQLite answered something the adapter does not know']

/** By SQLite's primary result code. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  3: [
    'denied',
    'none',
    'the process may not use the file; give it the right to read and write the file and its folder',
  ],
  5: [
    'unavailable',
    'none',
    'another connection holds the write lock; keep transactions short, or raise `busyTimeout`',
  ],
  6: ['unavailable', 'none', 'another statement of the same connection is in the way; finish it first'],
  7: ['unavailable', 'none', 'there is no memory left'],
  8: [
    'denied',
    'none',
    'the file, its folder or the connection is read-only; give the process the right to write there',
  ],
  10: ['unavailable', 'unknown', 'reading or writing the file failed; look at the disk'],
  11: ['internal', 'none', 'the file is damaged; run `pragma integrity_check` and restore a backup'],
  13: ['full', 'none', 'there is no space left for the file; free some, or keep finished jobs for a shorter time'],
  14: ['not-found', 'none', 'the file cannot be opened; its folder must exist and be writable'],
  15: ['unavailable', 'none', 'the lock on the file could not be had; is it on a network file system?'],
  18: ['too-large', 'none', 'the value is too large for SQLite'],
  23: ['denied', 'none', 'the connection has an authorizer that refuses this'],
  26: ['unsupported', 'none', 'the file is not an SQLite database, or is encrypted'],
}

/** What went wrong in SQLite, in the words of the contract. What is no failure of SQLite is given back as it is. */
export function failure(error: unknown): unknown {
  if (isBackendFailure(error) || !(error instanceof Error)) return error
  if ('code' in error && error.code === 'ERR_INVALID_STATE') {
    return new BackendError('closed', NAME, `the connection is closed (${error.message})`, { cause: error })
  }
  const result = resultCode(error)
  if (result === undefined) return error
  if (result === 1 && /no such (table|column)/.test(error.message)) {
    const problem = `${error.message}; the file has lost tables of jobport, restore a backup or let open() make them anew`
    return new BackendError('not-found', NAME, problem, { cause: error })
  }
  const [code, outcome, remedy] = MEANINGS[result] ?? UNKNOWN
  return new BackendError(code, NAME, `${error.message}: ${remedy}`, { cause: error, outcome })
}

/** Whether the lock was taken by another, or the connection is inside a transaction of the caller: worth another try. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const result = resultCode(error)
  return result === 5 || result === 6 || (result === 1 && error.message.includes('within a transaction'))
}

function resultCode(error: Error): number | undefined {
  return 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}
