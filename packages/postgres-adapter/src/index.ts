/**
 * Jobs in a Postgres database: durable, every feature, and part of your own transactions.
 * @module
 */
export { postgresBackend, type PostgresBackend } from './postgres-backend.ts'
export { migrate, plan, roles, type MigrationOptions } from './plan.ts'
export { postgresStore } from './store/postgres-store.ts'
export type { PoolOptions, PostgresOptions, ServerOptions } from './options.ts'
export type { TransactionHandle } from './transaction-handle.ts'
