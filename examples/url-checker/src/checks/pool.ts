import pg from 'pg'
import type { Logger } from '@jobport/example-service'

/** Connections for what is not jobs. One that breaks while it is idle is replaced, and does not end the process. */
export function createPool(url: string, log: Logger): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 5, connectionTimeoutMillis: 10_000, query_timeout: 30_000 })
  pool.on('error', (error) => log.warn({ err: error }, 'a connection to Postgres broke'))
  return pool
}
