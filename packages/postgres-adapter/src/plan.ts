import { migrationSql, migrateOn, schemaState } from './connection/migrate.ts'
import { inSchema } from './connection/statements.ts'
import { connect } from './connection/session.ts'
import { failure } from './connection/failure.ts'
import { settingsOf, type PostgresOptions } from './options.ts'
import rolesSql from './sql/schema/roles.sql'

/**
 * The SQL that brings the tables to the version of this adapter; empty when they are. Nothing is changed.
 * @throws OptionError, BackendError
 */
export function plan(options: PostgresOptions): Promise<string> {
  return onConnection(options, async (client, schema) => {
    const { version } = await schemaState(client, schema)
    return migrationSql(schema, version)
  })
}

/**
 * Brings the tables to the version of this adapter, in one transaction. May run while workers do, and twice at once.
 * @throws OptionError, BackendError `unsupported` when the tables are newer than this adapter may use
 */
export async function migrate(options: PostgresOptions): Promise<void> {
  await onConnection(options, (client, schema) => migrateOn(client, schema))
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
  options: PostgresOptions,
  body: (client: Awaited<ReturnType<typeof connect>>, schema: string) => Promise<T>,
): Promise<T> {
  const settings = settingsOf(options)
  let client: Awaited<ReturnType<typeof connect>> | undefined
  try {
    client = await connect(settings, { prepares: false })
    return await body(client, settings.schema)
  } catch (error) {
    throw failure(error)
  } finally {
    await client?.end().catch(() => {})
  }
}
