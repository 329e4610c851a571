import type { Clock, Ms } from '@jobport/core/adapter'
import { VirtualClock } from '@jobport/core/testing'
import pg from 'pg'
import { postgresBackend, type PostgresBackend } from '../src/index.ts'
import { serverUrl } from './harness.ts'

/** Time that is moved by hand, in the process and in the schemas of a server alike. */
export class ServerClock implements Clock {
  readonly #clock = new VirtualClock({ settle: () => new Promise((resolve) => setTimeout(resolve, 5)) })
  readonly #schemas = new Set<string>()
  #client: pg.Client | undefined

  now(): Ms {
    return this.#clock.now()
  }

  date(): number {
    return this.#clock.date()
  }

  schedule(delay: Ms, callback: () => void): () => void {
    return this.#clock.schedule(delay, callback)
  }

  async advance(by: Ms): Promise<void> {
    const client = await this.#connected()
    const now = this.date() + by
    for (const schema of this.#schemas) await client.query(`update "${schema}".clock set ms = $1`, [now])
    await this.#clock.advance(by)
  }

  /** A backend whose tables go by this clock. */
  async open(schema: string): Promise<PostgresBackend> {
    const backend = postgresBackend({ url: serverUrl(), schema, vacuum: false, warn: () => {}, connections: 2 })
    if (this.#schemas.has(schema)) return backend
    // A run before may have left it.
    await this.drop(schema)
    await backend.open()
    await backend.close()
    const client = await this.#connected()
    await client.query(
      `create table "${schema}".clock (ms bigint); insert into "${schema}".clock values (${this.date()})`,
    )
    await client.query(
      `create or replace function "${schema}".ms() returns bigint language sql volatile as $$ select ms from "${schema}".clock $$`,
    )
    this.#schemas.add(schema)
    return backend
  }

  async drop(schema: string): Promise<void> {
    this.#schemas.delete(schema)
    const client = await this.#connected()
    await client.query('set client_min_messages = error')
    await client.query(`drop schema if exists "${schema}" cascade`)
  }

  async close(): Promise<void> {
    await this.#client?.end()
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client === undefined) {
      this.#client = new pg.Client({ connectionString: serverUrl() })
      await this.#client.connect()
    }
    return this.#client
  }
}
