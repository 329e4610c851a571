import { BackendError, type Ms } from '@jobport/core/adapter'
import type { Client } from 'pg'
import { NAME } from '../limits.ts'
import type { Settings } from '../options.ts'
import { failure } from './failure.ts'
import { check, checkKind, migrateOn, schemaState } from './migrate.ts'
import { MIGRATIONS, STORE_MIGRATIONS } from './migrations.ts'
import { connect, type Mode } from './session.ts'

/** The oldest server with transaction numbers of 64 bits, which watching needs. */
const OLDEST = 130_000

/** A migration may have to wait for another, and takes longer than a call. */
const PATIENCE: Ms = 60_000

/**
 * Looks at server, pooler and tables, and migrates.
 * @throws BackendError
 */
export async function prepare(settings: Settings): Promise<Mode> {
  let client: Client
  try {
    client = await connect({ ...settings, callTimeout: Math.max(settings.callTimeout, PATIENCE) }, { prepares: false })
  } catch (error) {
    throw failure(error)
  }
  try {
    const { rows } = await client.query(
      "select pg_backend_pid() as pid, current_setting('server_version_num') as version, current_setting('server_encoding') as encoding",
    )
    const { pid, version, encoding } = rows[0] as { pid: number; version: string; encoding: string }
    if (Number(version) < OLDEST) throw unsupported(`the server has version ${version}; 13 is the oldest that will do`)
    if (encoding !== 'UTF8') throw unsupported(`the database is encoded in ${encoding}; create one with encoding UTF8`)
    const { schema, isStore } = settings
    const migrations = isStore ? STORE_MIGRATIONS : MIGRATIONS
    const before = await schemaState(client, schema)
    checkKind(before, schema, isStore)
    if (settings.migrate) await migrateOn(client, schema, migrations)
    else {
      check(before)
      if (before.version < migrations.length) {
        throw unsupported(
          `the tables have version ${before.version}, this adapter needs ${migrations.length}; run \`jobport-postgres migrate\``,
        )
      }
    }
    return { prepares: !(settings.pooler ?? pid !== processOf(client)) }
  } catch (error) {
    throw failure(error)
  } finally {
    await client.end().catch(() => {})
  }
}

/** The process that the other side named when the connection began. A pooler makes one up, since it will use many. */
function processOf(client: Client): unknown {
  return (client as Client & { readonly processID?: number }).processID
}

function unsupported(problem: string): BackendError {
  return new BackendError('unsupported', NAME, problem)
}
