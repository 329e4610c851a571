import { describe, expect, it } from 'vitest'
import { readDatabaseConfiguration, readWorkerConfiguration } from './configuration.ts'

describe('the database', () => {
  it('is a file in development, and whatever is set elsewhere', () => {
    expect(readDatabaseConfiguration({})).toEqual({ file: 'access-logs.sqlite' })
    expect(readDatabaseConfiguration({ APP_ENV: 'production', SQLITE_FILE: '/data/logs' })).toEqual({
      file: '/data/logs',
    })
  })

  it('is Postgres where that is set', () => {
    const url = 'postgres://localhost/logs'
    expect(readDatabaseConfiguration({ POSTGRES_URL: url })).toEqual({ url, schema: 'access_logs' })
  })

  it('is not guessed in production', () => {
    expect(() => readDatabaseConfiguration({ APP_ENV: 'production' })).toThrow(/POSTGRES_URL +is missing.*SQLITE_FILE/)
  })

  it('has no schema that would have to be quoted', () => {
    expect(() => readDatabaseConfiguration({ POSTGRES_SCHEMA: 'a"; drop table x' })).toThrow('POSTGRES_SCHEMA')
  })
})

it('a worker has defaults', () => {
  expect(readWorkerConfiguration({})).toMatchObject({ PORT: 9_464, CONCURRENCY: 2, LEASE_SECONDS: 30 })
})
