import type { Store } from '@jobport/core/adapter'
import pg from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { asIfRemote, REMOTE } from '../../../scripts/services/as-if-remote.ts'
import { tlsFront } from '../../../scripts/services/tls-front.ts'
import { postgresBackend, postgresStore, type PostgresOptions } from '../src/index.ts'
import { dropSchema, serverUrl } from './harness.ts'

const schema = 'exposure'
const storeSchema = 'exposure_store'
afterAll(async () => {
  for (const each of [schema, storeSchema]) await dropSchema(each)
})

// The server of the tests asks for none, and takes any.
const url = Object.assign(new URL(serverUrl()), { password: 'secret' }).href

type Checked = Pick<Store, 'open' | 'health' | 'close'>

/** What `health` warns of connections. */
async function warnings(options: PostgresOptions, make: (options: PostgresOptions) => Checked = postgresBackend) {
  const backend = make({ schema, ...options })
  await backend.open()
  try {
    return (await backend.health()).warnings.filter((warning) => warning.includes('encrypted'))
  } finally {
    await backend.close()
  }
}

const exposed = [expect.stringContaining(`The connection to ${REMOTE} is not encrypted`)]

describe('health, of a connection with a password', () => {
  it('warns where it goes to another machine unencrypted', () =>
    asIfRemote(async () => {
      expect(await warnings({ url })).toEqual(exposed)
    }))

  it('warns as well of a store', () =>
    asIfRemote(async () => {
      expect(await warnings({ url, schema: storeSchema }, postgresStore)).toEqual(exposed)
    }))

  it('warns as well where a pool of the application has such connections', () =>
    asIfRemote(async () => {
      const pool = new pg.Pool({ connectionString: url })
      expect(await warnings({ pool })).toEqual(exposed)
      await pool.end()
    }))

  it('does not warn on this machine', async () => {
    expect(await warnings({ url })).toEqual([])
  })

  it('does not warn where there is none', () =>
    asIfRemote(async () => {
      expect(await warnings({ url: serverUrl() })).toEqual([])
    }))

  it('does not warn over TLS', () =>
    asIfRemote(async () => {
      await using front = await tlsFront(Number(new URL(url).port), true)
      const secure = new URL(url)
      secure.port = `${front.port}`
      expect(await warnings({ url: secure.href, connection: { ssl: front.options } })).toEqual([])
    }))
})
