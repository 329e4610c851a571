import { postgresStore } from '@jobport/postgres-adapter'
import pg from 'pg'
import type { Beside } from './stored-harness.ts'

const connectionString = process.env['POSTGRES_URL']
if (connectionString === undefined)
  throw new Error('POSTGRES_URL is not set: run the tests by `npm test`, which starts a server')

const schemaOf = (namespace: string): string => `amqp_${namespace}`

/** A Postgres store for each namespace. */
export const besidePostgres: Beside = {
  name: 'amqp with postgres',
  store: (namespace) =>
    postgresStore({
      url: connectionString,
      schema: schemaOf(namespace),
      connections: 3,
      vacuum: false,
      warn: () => {},
    }),
  async remove(namespace) {
    const client = new pg.Client({ connectionString })
    await client.connect()
    await client.query('set client_min_messages = error')
    await client.query(`drop schema if exists "${schemaOf(namespace)}" cascade`)
    await client.end()
  },
}
