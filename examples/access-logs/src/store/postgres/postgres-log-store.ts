import pg from 'pg'
import type { Archive, Count, CountQuery, Imported, LoadOptions, LogStore, Unpacked } from '../log-store.ts'
import { load } from './load.ts'
import countsSql from './sql/counts.sql'
import findFile from './sql/find-file.sql'
import schemaSql from './sql/schema.sql'

export interface PostgresLogStoreOptions {
  readonly url: string
  /** Where the tables are: letters, digits and underscores. */
  readonly schema: string
  /** How many files are loaded at a time; each needs a connection. */
  readonly loads: number
}

export class PostgresLogStore implements LogStore {
  readonly #pool: pg.Pool
  readonly #schema: string

  constructor({ url, schema, loads }: PostgresLogStoreOptions) {
    this.#schema = schema
    this.#pool = new pg.Pool({
      connectionString: url,
      max: loads + 1,
      keepAlive: true,
      options: `-c search_path=${schema}`,
      application_name: 'access-logs',
    })
    // Idle connections that break are replaced when they are needed; those at work tell it there.
    this.#pool.on('error', () => {})
  }

  /** Several programs may do it at once. Where the tables are, it only looks: to make an index that there is already would wait for every load to end. */
  async open(): Promise<void> {
    const { rows } = await this.#pool.query<{ missing: boolean }>('select to_regclass($1) is null as missing', [
      `${this.#schema}.files`,
    ])
    if (!rows[0]!.missing) return
    const lock = `select pg_advisory_xact_lock(hashtext('access-logs ${this.#schema}'))`
    await this.#pool.query(`begin; ${lock}; ${schemaSql.replaceAll(':schema', this.#schema)}; commit`)
  }

  close(): Promise<void> {
    return this.#pool.end()
  }

  async find(sha256: string): Promise<Imported | undefined> {
    const { rows } = await this.#pool.query<Imported>(findFile, [sha256])
    return rows[0]
  }

  async load(archive: Archive, unpacked: Unpacked, options: LoadOptions): Promise<Imported> {
    const client = await this.#pool.connect()
    client.on('error', ignore)
    try {
      const imported = await load(client, archive, unpacked, options)
      client.off('error', ignore)
      client.release()
      return imported
    } catch (error) {
      // Whatever the transaction was doing: without its connection, the server undoes it.
      client.release(true)
      throw error
    }
  }

  async counts({ from, to, top }: CountQuery): Promise<readonly Count[]> {
    const { rows } = await this.#pool.query<Count>(countsSql, [from, to, top])
    return rows
  }
}

/** The call that is under way fails with it as well. */
function ignore(): void {}
