import { describe, expect, it } from 'vitest'
import { apiConfiguration, checkerConfiguration } from './configuration.ts'

const servers = { AMQP_URL: 'amqp://broker', POSTGRES_URL: 'postgres://db/app' }
const SECRET_KEY = 'a key for tests with more than 32 characters'

describe('the configuration', () => {
  it('needs nothing in development, where everybody may submit', () => {
    expect(apiConfiguration({})).toMatchObject({ PORT: 3_000, REQUIRE_TOKEN: false, ALLOWED_ADDRESSES: [] })
    expect(checkerConfiguration({})).toMatchObject({ PORT: 9_464, CONCURRENCY: 20, NAMESPACE: 'url_checker' })
  })

  it('needs servers and a key in production, where who submits needs a token', () => {
    expect(() => apiConfiguration({ APP_ENV: 'production' })).toThrow(/AMQP_URL .*\n.*POSTGRES_URL .*\n.*SECRET_KEY /)
    expect(apiConfiguration({ APP_ENV: 'production', ...servers, SECRET_KEY }).REQUIRE_TOKEN).toBe(true)
  })

  it('refuses networks that are none, and keys and names that are too short or strange', () => {
    const wrong = { ALLOWED_ADDRESSES: '10.0.0.0/8,here', SECRET_KEY: 'short', NAMESPACE: 'Robert"; drop' }
    expect(() => apiConfiguration(wrong)).toThrow(/NAMESPACE .*\n.*ALLOWED_ADDRESSES .*\n.*SECRET_KEY /)
    expect(checkerConfiguration({ ALLOWED_ADDRESSES: '10.0.0.0/8, fd00::/8' }).ALLOWED_ADDRESSES).toHaveLength(2)
  })
})
