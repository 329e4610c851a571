import { sql } from 'drizzle-orm'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import schemaSql from './schema.sql'

export type Database = NodePgDatabase

export interface DatabaseOptions {
  readonly url: string
  /** Where the tables are. */
  readonly schema: string
  /** Told of a connection that breaks while nobody uses it. */
  readonly warn: (error: Error) => void
}

/** A server that cannot be reached is told from a slow one. */
const CONNECT = 3_000
/** Every statement of this application is small. */
const STATEMENT = 5_000

/** Connects, and makes the tables that are missing. */
export async function openDatabase({
  url,
  schema,
  warn,
}: DatabaseOptions): Promise<{ readonly database: Database; close(): Promise<void> }> {
  const pool = new pg.Pool({
    connectionString: url,
    options: `-c search_path=${schema}`,
    max: 8,
    connectionTimeoutMillis: CONNECT,
    query_timeout: STATEMENT,
  })
  pool.on('error', warn)
  try {
    await makeTables(pool, schema)
  } catch (error) {
    await pool.end()
    throw error
  }
  return { database: drizzle(pool), close: () => pool.end() }
}

/** Of several programs that start at once, one makes the tables and the others wait for it: `if not exists` alone would let them collide. */
async function makeTables(pool: pg.Pool, schema: string): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query("select pg_advisory_xact_lock(hashtextextended('tasker ' || $1, 0))", [schema])
    await client.query(`create schema if not exists "${schema}"`)
    await client.query(schemaSql)
    await client.query('commit')
  } finally {
    // A transaction that failed ends with its connection.
    client.release(true)
  }
}

export async function isReachable(database: Database): Promise<boolean> {
  const { rowCount } = await database.execute(sql`select 1`)
  return rowCount === 1
}
