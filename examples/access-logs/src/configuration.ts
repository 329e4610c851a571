import {
  common,
  ConfigurationError,
  number,
  port,
  readConfiguration,
  url,
  type Variables,
} from '@jobport/example-service'
import { z } from 'zod'

const database = {
  POSTGRES_URL: url('where Postgres is', 'postgres:', 'postgresql:').optional(),
  POSTGRES_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,30}$/, 'must be a letter and up to 30 letters, digits and underscores, in lower case')
    .default('access_logs'),
  SQLITE_FILE: z.string().optional(),
}

const worker = {
  ...common,
  ...database,
  PORT: port(9_464),
  CONCURRENCY: number('how many files are imported at a time', { from: 1, to: 64 }).default(2),
  LEASE_SECONDS: number('how long a file stands still whose worker died', { from: 1, to: 3_600 }).default(30),
}

/** In development nobody has to set anything up. Elsewhere, a database that was forgotten is not replaced by a file. */
const defaults = { development: { SQLITE_FILE: 'access-logs.sqlite' } }

/** Where jobs and lines are: a Postgres server, or a SQLite file. */
export type DatabaseConfiguration =
  | { readonly url: string; readonly schema: string }
  | { readonly url?: undefined; readonly file: string }

/** @throws ConfigurationError */
export function readDatabaseConfiguration(variables: Variables = process.env): DatabaseConfiguration {
  return databaseOf(readConfiguration(database, { defaults, variables }))
}

/** @throws ConfigurationError */
export function readWorkerConfiguration(variables: Variables = process.env) {
  const configuration = readConfiguration(worker, { defaults, variables })
  return { ...configuration, database: databaseOf(configuration) }
}

function databaseOf({
  APP_ENV,
  POSTGRES_URL,
  POSTGRES_SCHEMA,
  SQLITE_FILE,
}: {
  readonly APP_ENV: string
  readonly POSTGRES_URL: string | undefined
  readonly POSTGRES_SCHEMA: string
  readonly SQLITE_FILE: string | undefined
}): DatabaseConfiguration {
  if (POSTGRES_URL !== undefined) return { url: POSTGRES_URL, schema: POSTGRES_SCHEMA }
  if (SQLITE_FILE !== undefined) return { file: SQLITE_FILE }
  const message = 'is missing: where Postgres is; or set SQLITE_FILE to the path of a file'
  throw new ConfigurationError(APP_ENV, [{ variable: 'POSTGRES_URL', message }])
}
