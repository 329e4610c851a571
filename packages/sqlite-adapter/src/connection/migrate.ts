import { BackendError } from '@jobport/core/adapter'
import { NAME } from '../limits.ts'
import createMeta from '../sql/create-meta.sql'
import hasMeta from '../sql/has-meta.sql'
import hasSending from '../sql/has-sending.sql'
import schema1 from '../sql/schema-1.sql'
import schemaStore from '../sql/schema-store.sql'
import schemaVersion from '../sql/schema-version.sql'
import setSchemaVersion from '../sql/set-schema-version.sql'
import type { Connection } from './connection.ts'

/** What leads from each version to the next, the first from nothing. Only ever appended to. */
export const STEPS: readonly string[] = [schema1]

/** As `STEPS`, for a file that is the memory of a broker. */
export const STORE_STEPS: readonly string[] = STEPS.map((step, index) => (index === 0 ? step + schemaStore : step))

/** The version of the tables in the file; 0 where there are none. */
export function versionOf(on: Connection): number {
  return on.get(hasMeta) === undefined ? 0 : (on.value(schemaVersion) ?? 0)
}

/**
 * Brings the tables to the version of this adapter. Runs inside a write transaction: of two processes the second finds the work done.
 * @throws BackendError `unsupported` when a newer adapter has been here, or the file is of a store and not of a backend, or the reverse.
 */
export function migrate(on: Connection, steps: readonly string[] = STEPS): void {
  const version = versionOf(on)
  if (version > steps.length) {
    throw new BackendError(
      'unsupported',
      NAME,
      `the tables have version ${version}, this adapter knows ${steps.length}; update @jobport/sqlite-adapter in this process`,
    )
  }
  if (version > 0 && (on.get(hasSending) !== undefined) !== (steps === STORE_STEPS)) {
    const is = steps === STORE_STEPS ? 'a backend' : 'the store of a broker'
    throw new BackendError('unsupported', NAME, `the file is that of ${is}; give another one`)
  }
  if (version === steps.length) return
  if (version === 0) on.run(createMeta)
  for (const step of steps.slice(version)) on.database.exec(step)
  on.run(setSchemaVersion, steps.length)
}
