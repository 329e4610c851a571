import { testStore } from '@jobport/conformance'
import { afterAll, describe, expect, it } from 'vitest'
import { postgresBackend, postgresStore } from '../src/index.ts'
import { dropSchema, rowsOf, serverUrl } from './harness.ts'

const url = serverUrl()

function storeOf(schema: string): ReturnType<typeof postgresStore> {
  return postgresStore({ url, schema, connections: 3, vacuum: false, warn: () => {} })
}

testStore(
  {
    name: 'postgres',
    open: (namespace) => storeOf(`s_${namespace}`),
    cleanup: (namespace) => dropSchema(`s_${namespace}`),
    footprint: (namespace) => rowsOf(`s_${namespace}`),
  },
  { describe, it },
)

describe('a schema of a store', () => {
  const schema = 'remembered'
  afterAll(() => dropSchema(schema))

  it('and one of a backend refuse each other', async () => {
    const store = storeOf(schema)
    await store.open()
    await store.close()
    await expect(postgresBackend({ url, schema }).open()).rejects.toMatchObject({ code: 'unsupported' })
    const backend = postgresBackend({ url, schema: 'of_a_backend' })
    await backend.open()
    await expect(storeOf('of_a_backend').open()).rejects.toMatchObject({ code: 'unsupported' })
    await backend.close()
    await dropSchema('of_a_backend')
  })
})
