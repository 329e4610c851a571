/**
 * Jobs in one SQLite file: no server, durable, every feature.
 * @module
 */
export { sqliteBackend, type SqliteBackend } from './sqlite-backend.ts'
export { sqliteStore } from './store/sqlite-store.ts'
export type { DatabaseOptions, FileOptions, SqliteBackendOptions } from './options.ts'
