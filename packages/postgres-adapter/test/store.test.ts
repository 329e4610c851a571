import { testStore } from '@jobport/conformance'
import type { ClaimedJob, HandOff, NewJob, Settlement } from '@jobport/core/adapter'
import { afterAll, describe, expect, it } from 'vitest'
import { postgresBackend, postgresStore } from '../src/index.ts'
import { dropSchema, rowsOf, serverUrl, withClient } from './harness.ts'

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

  it('lets the plain jobs of a batch begin and end together, not one by one', async () => {
    const store = storeOf(schema)
    await store.open()
    // What looks at one job at a time is gone.
    await withClient((client) => client.query(`drop function "${schema}".displace; drop function "${schema}".conclude`))
    const handOff: HandOff = { delay: 1000, grace: 1000, origin: 'o' }
    const jobs = ['a', 'b', 'c'].map((id): NewJob => ({ id, queue: 'q', name: 'n', payload: '1', headers: {} }))
    await store.insert(jobs, handOff)
    const claimed = jobs.map((job): ClaimedJob => ({
      ...job,
      lease: { id: job.id, queue: job.queue, token: `token of ${job.id}` },
      priority: 0,
      attempt: 1,
      failures: 0,
      crashes: 0,
      redrives: 0,
      enqueuedAt: 0,
    }))
    const begun = await store.begin(claimed, 60_000)
    expect(begun.map((each) => typeof each)).toEqual(['object', 'object', 'object'])
    const ends = claimed.map(({ lease }): Settlement => ({ lease, to: 'completed', keep: 60_000, result: lease.id }))
    expect(await store.apply([...ends, ends[0]!], handOff).catch(String)).toContain('conclude')
    expect(await store.apply(ends, handOff)).toEqual(['applied', 'applied', 'applied'])
    const records = await store.inspect.find(['a', 'b', 'c'])
    expect(records.map((record) => record?.result)).toEqual(['a', 'b', 'c'])
    await store.close()
    await dropSchema(schema)
  })

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
