import type { Backend } from '@jobport/core'
import { postgresBackend } from '@jobport/postgres-adapter'
import { sqliteBackend, type SqliteBackend } from '@jobport/sqlite-adapter'
import type { DatabaseConfiguration } from '../configuration.ts'
import type { LogStore } from './log-store.ts'
import { PostgresLogStore } from './postgres/postgres-log-store.ts'
import { SqliteLogStore } from './sqlite/sqlite-log-store.ts'

/** What both can do. */
export type DatabaseFeatures = SqliteBackend['features']

/** Jobs and lines in one database, so that a job's outcome and the lines of its file are one commit. */
export interface Database {
  readonly backend: Backend<DatabaseFeatures>
  readonly logs: LogStore
  open(): Promise<void>
  close(): Promise<void>
}

/** `loads`: how many files are loaded at a time. Nothing is connected before `open`. */
export function connect(configuration: DatabaseConfiguration, loads: number): Database {
  const { backend, logs } = partsOf(configuration, loads)
  return {
    backend,
    logs,
    async open() {
      await logs.open()
      await backend.open()
    },
    async close() {
      await backend.close()
      await logs.close()
    },
  }
}

function partsOf(configuration: DatabaseConfiguration, loads: number): Pick<Database, 'backend' | 'logs'> {
  if (configuration.url === undefined) {
    const { file } = configuration
    return { backend: sqliteBackend({ file }), logs: new SqliteLogStore(file) }
  }
  const { url, schema } = configuration
  return {
    backend: postgresBackend({ url, schema: `${schema}_jobs` }),
    logs: new PostgresLogStore({ url, schema, loads }),
  }
}
