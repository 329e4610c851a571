import { OptionError, toMs, type Duration, type Ms } from '@jobport/core/adapter'
import type { DatabaseSync } from 'node:sqlite'

interface SharedOptions {
  /** How long a call tries to get the write lock while another connection holds it, before it fails with `unavailable`. Default `'5s'`. */
  readonly busyTimeout?: Duration
  /** Told in a sentence when a listener of `watch` throws. Default: `process.emitWarning`. */
  readonly warn?: (message: string) => void
}

/** A file that the backend opens by itself. */
export interface FileOptions extends SharedOptions {
  /** Path of the database file; it is made when there is none, its folder is not. `':memory:'`: in this process only, and lost with it. */
  readonly file: string
  /** `full` (default): every commit is on the disk before it is answered. `normal`: a power cut may take the last commits along; faster on slow disks. */
  readonly synchronous?: 'full' | 'normal'
  readonly database?: undefined
}

/** A connection of the application, which stays open when the backend closes. */
export interface DatabaseOptions extends SharedOptions {
  /** Its settings are left as they are; for a file, switch on `pragma journal_mode = wal` first. */
  readonly database: DatabaseSync
  readonly file?: undefined
}

export type SqliteBackendOptions = FileOptions | DatabaseOptions

export interface Settings {
  readonly file: string | undefined
  readonly database: DatabaseSync | undefined
  readonly synchronous: 'full' | 'normal'
  readonly busyTimeout: Ms
  readonly warn: (message: string) => void
}

const KNOWN = ['file', 'database', 'synchronous', 'busyTimeout', 'warn']

/** @throws OptionError */
export function settingsOf(options: SqliteBackendOptions): Settings {
  for (const key of Object.keys(options)) {
    if (!KNOWN.includes(key)) throw new OptionError(key, `is no option of sqliteBackend; known are ${KNOWN.join(', ')}`)
  }
  const { file, database, busyTimeout = '5s', warn = (message: string) => process.emitWarning(message) } = options
  const synchronous = options.database === undefined ? (options.synchronous ?? 'full') : 'full'
  if ((file === undefined) === (database === undefined)) {
    throw new OptionError('file', 'give either a path, or an open connection as `database`')
  }
  if (file !== undefined && (typeof file !== 'string' || file === '')) {
    throw new OptionError('file', `must be a path or ':memory:', not ${JSON.stringify(file)}`)
  }
  if (synchronous !== 'full' && synchronous !== 'normal') {
    throw new OptionError('synchronous', `must be 'full' or 'normal', not ${JSON.stringify(synchronous)}`)
  }
  return { file, database, synchronous, busyTimeout: toMs(busyTimeout, 'busyTimeout'), warn }
}
