import type { Client } from 'pg'
import { checkKind, migrateOn, migrationSql, schemaState } from './connection/migrate.ts'
import { inSchema } from './connection/statements.ts'
import { connect } from './connection/session.ts'
import { failure } from './connection/failure.ts'
import { MIGRATIONS, STORE_MIGRATIONS } from './connection/migrations.ts'
import { settingsOf, type PostgresOptions, type Settings } from './options.ts'
import rolesSql from './sql/schema/roles.sql'

/** As for `postgresBackend`, or with `store` for `postgresStore`. */
export type MigrationOptions = PostgresOptions & {
  /** Whether the schema is the memory of a broker. Default `false`. */
  readonly store?: boolean
}

/**
 * The SQL that brings the tables to the version of this adapter; empty when they are. Nothing is changed.
 * @throws OptionError, BackendError
 */
export function plan(options: MigrationOptions): Promise<string> {
  return onConnection(options, async (client, { schema, isStore }) => {
    const state = await schemaState(client, schema)
    checkKind(state, schema, isStore)
    return migrationSql(schema, state.version, isStore ? STORE_MIGRATIONS : MIGRATIONS)
  })
}

/**
 * Brings the tables to the version of this adapter, in one transaction. May run while workers do, and twice at once.
 * @throws OptionError, BackendError `unsupported` when the tables are newer than this adapter may use
 */
export async function migrate(options: MigrationOptions): Promise<void> {
  await onConnection(options, async (client, { schema, isStore }) => {
    checkKind(await schemaState(client, schema), schema, isStore)
    await migrateOn(client, schema, isStore ? STORE_MIGRATIONS : MIGRATIONS)
  })
}

/**
 * The SQL that makes the roles `<schema>_viewer`, `<schema>_producer` and `<schema>_worker`, or grants them what a migration has added. To be run by the owner of the tables,
 * who must be allowed to make roles the first time.
 * @throws OptionError
 */
export function roles(options: { readonly schema?: string } = {}): string {
  const { schema } = settingsOf({ url: 'postgres:', ...options })
  return inSchema(rolesSql, schema)
}

async function onConnection<T>(
  { store = false, ...options }: MigrationOptions,
  body: (client: Client, settings: Settings) => Promise<T>,
): Promise<T> {
  const settings = settingsOf(options, store)
  let client: Client | undefined
  try {
    client = await connect(settings, { prepares: false })
    return await body(client, settings)
  } catch (error) {
    throw failure(error)
  } finally {
    await client?.end().catch(() => {})
  }
}
