import { BackendError } from '@jobport/core/adapter'
import type { ClientBase } from 'pg'
import { NAME } from '../limits.ts'
import { codeOf, failure } from './failure.ts'
import { MIGRATIONS } from './migrations.ts'
import { CLIENT, inSchema } from './statements.ts'

/** How long a migration waits for a lock before it gives up and lets others work. */
const LOCK_TIMEOUT = '5s'

export interface SchemaState {
  /** Whether it is the memory of a broker. */
  readonly isStore: boolean
  /** 0 where there are no tables. */
  readonly version: number
  readonly leastClient: number
}

/** The SQL that leads from a version of the tables to the newest. Empty when they are up to date. */
export function migrationSql(schema: string, from: number, migrations: readonly string[] = MIGRATIONS): string {
  const steps = migrations.slice(from).map((step, index) => {
    const version = from + index + 1
    const text = inSchema(step, schema)
    return version === 1 ? text : `${text}\nupdate "${schema}".meta set version = ${version};`
  })
  if (steps.length === 0) return ''
  return `create schema if not exists "${schema}";\n\n${steps.join('\n\n')}`
}

/** @throws BackendError */
export async function schemaState(client: Pick<ClientBase, 'query'>, schema: string): Promise<SchemaState> {
  try {
    const { rows } = await client.query(
      `select version, least_client, to_regclass('"${schema}".unsent') is not null as store from "${schema}".meta`,
    )
    const [row] = rows
    return {
      version: Number(row?.version ?? 0),
      leastClient: Number(row?.least_client ?? 0),
      isStore: row?.store === true,
    }
  } catch (error) {
    const code = codeOf(error)
    if (code === '42P01' || code === '3F000') return { version: 0, leastClient: 0, isStore: false }
    throw failure(error)
  }
}

/**
 * Brings the tables to the version of this adapter, in one transaction. Of two that migrate at once, the second waits and finds the work done.
 * @throws BackendError `unsupported` when the tables are newer than this adapter may use.
 */
export async function migrateOn(
  client: Pick<ClientBase, 'query'>,
  schema: string,
  migrations: readonly string[] = MIGRATIONS,
): Promise<SchemaState> {
  const before = await schemaState(client, schema)
  check(before, migrations.length)
  if (before.version >= migrations.length) return before
  try {
    await client.query('begin isolation level read committed')
    await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`)
    await client.query("select pg_advisory_xact_lock(hashtextextended('jobport migration ' || $1, 0))", [schema])
    await client.query('savepoint looked')
    const state = await schemaState(client, schema)
    if (state.version === 0) await client.query('rollback to looked')
    check(state, migrations.length)
    if (state.version < migrations.length) await client.query(migrationSql(schema, state.version, migrations))
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw failure(error)
  }
  return schemaState(client, schema)
}

/** @throws BackendError `unsupported` */
export function check({ version, leastClient }: SchemaState, known = MIGRATIONS.length, client = CLIENT): void {
  if (version <= known || leastClient <= client) return
  throw new BackendError(
    'unsupported',
    NAME,
    `the tables have version ${version}, this adapter knows ${known}; update @jobport/postgres-adapter in this process`,
  )
}

/**
 * Jobs that a broker hands out must not be claimed from their memory, nor the other way round.
 * @throws BackendError `unsupported`
 */
export function checkKind(state: SchemaState, schema: string, isStore: boolean): void {
  if (state.version === 0 || state.isStore === isStore) return
  const [has, wants] = isStore ? ['jobs of its own', 'postgresStore'] : ['the jobs of a broker', 'postgresBackend']
  throw new BackendError('unsupported', NAME, `schema ${schema} has ${has}; give ${wants} another one with \`schema\``)
}
