import { OptionError, toPositiveMs, type Duration, type Ms } from '@jobport/core/adapter'
import type { Pool, PoolConfig } from 'pg'

interface SharedOptions {
  /** Where the tables are. Default `'jobport'`, of a store `'jobport_store'`. One to 40 of `[a-z0-9_]`. */
  readonly schema?: string
  /**
   * Whether a pooler in transaction mode, such as pgbouncer, is in between: then nothing is kept in the session. No LISTEN, so waiting claims poll. Default: found out
   * when opening.
   */
  readonly pooler?: boolean
  /** Whether `open` makes and updates the tables. Default `true`; otherwise `jobport-postgres migrate` must have run. */
  readonly migrate?: boolean
  /** How often waiting claims and watchers look when nothing notifies them. Default `'100ms'` behind a pooler, else `'5s'` as a safety net. */
  readonly pollInterval?: Duration
  /** How long a call may take before its connection is given up. Default `'30s'`. */
  readonly callTimeout?: Duration
  /** Whether the backend vacuums its own tables under load, about once a second. Default `true`. It needs to own them, or does nothing. */
  readonly vacuum?: boolean
  /** Told in a sentence when a listener of `watch` throws, and when something in the background keeps failing. Default: `process.emitWarning`. */
  readonly warn?: (message: string) => void
}

/** A server that the backend connects to by itself. */
export interface ServerOptions extends SharedOptions {
  /** Connection string, as `postgres://user:password@host:5432/database`. */
  readonly url: string
  /** More for the driver: TLS, for instance. */
  readonly connection?: Omit<PoolConfig, 'connectionString' | 'max'>
  /** Connections for calls. Default 4; three more are made on demand, for new jobs, for heartbeats and for notifications, and two more for a store, for attempts that begin and for outcomes. */
  readonly connections?: number
  readonly pool?: undefined
}

/** A pool of the application, which stays open when the backend closes. Heartbeats and notifications have connections of their own, made from its options. */
export interface PoolOptions extends SharedOptions {
  readonly pool: Pool
  readonly url?: undefined
  readonly connection?: undefined
  readonly connections?: undefined
}

export type PostgresOptions = ServerOptions | PoolOptions

export interface Settings {
  /** Whether the schema is the memory of a broker. */
  readonly isStore: boolean
  readonly schema: string
  readonly url: string | undefined
  readonly connection: PoolConfig
  readonly connections: number
  readonly pool: Pool | undefined
  readonly pooler: boolean | undefined
  readonly migrate: boolean
  readonly pollInterval: Ms | undefined
  readonly callTimeout: Ms
  readonly vacuum: boolean
  readonly warn: (message: string) => void
}

const KNOWN = [
  'url',
  'connection',
  'connections',
  'pool',
  'schema',
  'pooler',
  'migrate',
  'pollInterval',
  'callTimeout',
  'vacuum',
  'warn',
]

/** @throws OptionError */
export function settingsOf(options: PostgresOptions, isStore = false): Settings {
  const what = isStore ? 'postgresStore' : 'postgresBackend'
  for (const key of Object.keys(options)) {
    if (!KNOWN.includes(key)) throw new OptionError(key, `is no option of ${what}; known are ${KNOWN.join(', ')}`)
  }
  const { url, pool, connection = {}, connections = 4, pooler, pollInterval } = options
  if ((url === undefined) === (pool === undefined)) {
    throw new OptionError('url', 'give either a connection string, or a `pool` of yours')
  }
  if (url !== undefined && (typeof url !== 'string' || url === '')) {
    throw new OptionError('url', 'must be a connection string, as postgres://user:password@host:5432/database')
  }
  if (!(Number.isInteger(connections) && connections > 0)) {
    throw new OptionError('connections', `must be a whole number from 1 up, not ${String(connections)}`)
  }
  return {
    isStore,
    schema: schemaName(options.schema ?? (isStore ? 'jobport_store' : 'jobport')),
    url,
    connection,
    connections,
    pool,
    pooler,
    migrate: options.migrate ?? true,
    pollInterval: pollInterval === undefined ? undefined : toPositiveMs(pollInterval, 'pollInterval'),
    callTimeout: toPositiveMs(options.callTimeout ?? '30s', 'callTimeout'),
    vacuum: options.vacuum ?? true,
    warn: options.warn ?? ((message) => process.emitWarning(message)),
  }
}

/** @throws OptionError unless it can be the name of a schema of ours. */
function schemaName(schema: string): string {
  if (/^[a-z_][a-z0-9_]{0,39}$/.test(schema) && !schema.startsWith('pg_')) return schema
  throw new OptionError(
    'schema',
    `must be 1 to 40 of [a-z0-9_] and not begin with a digit or pg_, not ${JSON.stringify(schema)}`,
  )
}
