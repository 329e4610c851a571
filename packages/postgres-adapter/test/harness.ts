import type { Harness } from '@jobport/conformance'
import type { Backend } from '@jobport/core/adapter'
import pg from 'pg'
import { postgresBackend } from '../src/index.ts'

/** Where the tests' server is. */
export function serverUrl(): string {
  const url = process.env['POSTGRES_URL']
  if (url === undefined)
    throw new Error('POSTGRES_URL is not set; run the tests with `npm test`, which starts a server')
  return url
}

export interface HarnessOptions {
  readonly name?: string
  /** What the backends connect to; the tables are looked after through `serverUrl`. */
  readonly url?: string
  readonly migrate?: boolean
  /** What the schemas begin with. Default `t`. */
  readonly schema?: string
}

/** The suite on a server: a namespace is a schema. */
export function serverHarness(options: HarnessOptions = {}): Harness {
  const { name = 'postgres', url = serverUrl(), schema = 't', migrate = true } = options
  let asked = 0
  const count = countQueries(() => asked++)
  return {
    name,
    durable: true,
    unit: 200,
    ...(options.name === undefined ? {} : { matrix: false as const }),
    open(namespace) {
      return postgresBackend({
        url,
        schema: `${schema}_${namespace}`,
        migrate,
        connections: 3,
        vacuum: false,
        warn: () => {},
        connection: { Client: count },
      })
    },
    cleanup: (namespace) => dropSchema(`${schema}_${namespace}`),
    spy: () => asked,
    footprint: (namespace) => rowsOf(`${schema}_${namespace}`),
    transaction: (_backend: Backend, body) => withClient((client) => committed(client, body)),
  }
}

/** A client that says when it sends something of a verb. What names stand for is asked once for each, and then known. */
function countQueries(asked: () => void): typeof pg.Client {
  return class extends pg.Client {
    override query(...parts: any[]): any {
      if (
        typeof parts[0] === 'object' &&
        !/\.(ring|listen_for|clean|name_queue|name_kinds|kinds)\b/.test(String(parts[0].text))
      )
        asked()
      return (super.query as any)(...parts)
    }
  }
}

export async function withClient<T>(body: (client: pg.Client) => Promise<T>, url = serverUrl()): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await body(client)
  } finally {
    await client.end()
  }
}

async function committed(client: pg.Client, body: (tx: unknown) => Promise<void>): Promise<void> {
  await client.query('begin')
  try {
    await body(client)
  } catch (error) {
    await client.query('rollback')
    throw error
  }
  await client.query('commit')
}

export function dropSchema(schema: string): Promise<void> {
  return withClient(async (client) => {
    await client.query('set client_min_messages = error')
    await client.query(`drop schema if exists "${schema}" cascade`)
  })
}

const JOBLESS = new Set(['meta', 'queues', 'kinds', 'upkeep', 'listeners'])

/** Rows of all tables that hold jobs; what queues and jobs are called stays. */
export function rowsOf(schema: string): Promise<number> {
  return withClient(async (client) => {
    const tables = await client.query<{ name: string }>(
      'select tablename as name from pg_tables where schemaname = $1',
      [schema],
    )
    let sum = 0
    for (const { name } of tables.rows) {
      if (JOBLESS.has(name)) continue
      const { rows } = await client.query(`select count(*)::int as rows from "${schema}"."${name}"`)
      sum += rows[0].rows
    }
    return sum
  })
}
