import { BackendError } from '@jobport/core/adapter'
import { NAME } from '../limits.ts'
import createMeta from '../sql/create-meta.sql'
import hasMeta from '../sql/has-meta.sql'
import schema1 from '../sql/schema-1.sql'
import schemaVersion from '../sql/schema-version.sql'
import setSchemaVersion from '../sql/set-schema-version.sql'
import type { Connection } from './connection.ts'

/** What leads from each version to the next, the first from nothing. Only ever appended to. */
const STEPS: readonly string[] = [schema1]

/** The version of the tables in the file; 0 where there are none. */
export function versionOf(on: Connection): number {
  return on.get(hasMeta) === undefined ? 0 : (on.value(schemaVersion) ?? 0)
}

/**
 * Brings the tables to the version of this adapter. Runs inside a write transaction: of two processes the second finds the work done.
 * @throws BackendError `unsupported` when a newer adapter has been here.
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
  if (version === steps.length) return
  if (version === 0) on.run(createMeta)
  for (const step of steps.slice(version)) on.database.exec(step)
  on.run(setSchemaVersion, steps.length)
}
