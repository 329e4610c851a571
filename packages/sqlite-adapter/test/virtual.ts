import type { VirtualClock } from '@jobport/core/testing'
import { DatabaseSync } from 'node:sqlite'
import { sqliteBackend, type SqliteBackend } from '../src/index.ts'

/** A backend in memory whose SQLite reads the time from a clock that is moved by hand. */
export function virtualSqlite(clock: VirtualClock): {
  readonly backend: SqliteBackend
  readonly database: DatabaseSync
} {
  const database = new DatabaseSync(':memory:')
  database.function('unixepoch', { varargs: true }, () => clock.date() / 1_000)
  return { backend: sqliteBackend({ database }), database }
}
