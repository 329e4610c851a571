import type { Begun, ClaimedJob, NewJob, Started } from '@jobport/core/adapter'
import { afterEach, describe, expect, it } from 'vitest'
import { postgresBackend, postgresStore, type PostgresBackend } from '../src/index.ts'
import { serverUrl, withClient } from './harness.ts'
import { forgetRoles, login, prepared } from './logins.ts'

const schema = 'vacuumed'
const never = new AbortController().signal
const handOff = { delay: 0, grace: 60_000, origin: 'o' }
/** So many that it is worth it. */
const BATCHES = 6

let serial = 0
const batch = (): NewJob[] =>
  Array.from({ length: 1_000 }, () => ({ id: `job-${serial++}`, queue: 'q', name: 'n', payload: '1', headers: {} }))

/** Jobs come and go. */
async function load(backend: PostgresBackend): Promise<void> {
  for (let round = 0; round < BATCHES; round++) {
    await backend.enqueue(batch())
    const held: readonly ClaimedJob[] = await backend.claim({ queue: 'q', limit: 1_000, lease: 60_000, wait: 0 }, never)
    await backend.settle(held.map(({ lease }) => ({ lease, to: 'completed', keep: 0 })))
  }
}

/** Tables that somebody has vacuumed by command. */
async function vacuumed(): Promise<readonly string[]> {
  return withClient(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      'select relname as name from pg_stat_user_tables where schemaname = $1 and vacuum_count > 0 order by 1',
      [schema],
    )
    return rows.map(({ name }) => name)
  })
}

/** When somebody last set about it. */
async function turn(): Promise<string> {
  return withClient(async (client) => {
    const { rows } = await client.query<{ at: string }>(`select vacuumed_at as at from "${schema}".upkeep`)
    return rows[0]!.at
  })
}

describe('under load', () => {
  afterEach(() => forgetRoles(schema))

  it('the small tables are vacuumed', async () => {
    const backend = postgresBackend({ url: serverUrl(), schema })
    await backend.open()
    await load(backend)
    await backend.close()
    await expect.poll(vacuumed).toEqual(['held', 'later', 'leases', 'ready'])
  })

  it('those of a store too', async () => {
    const store = postgresStore({ url: serverUrl(), schema })
    await store.open()
    for (let round = 0; round < BATCHES; round++) {
      const jobs = batch()
      await store.insert(jobs, handOff)
      const begun: readonly Begun[] = await store.begin(
        jobs.map(({ id, queue }) => ({ id, queue, token: `claim-${round}` })),
        60_000,
      )
      await store.apply(
        begun.map((each) => ({ lease: (each as Started).lease, to: 'completed', keep: 0 })),
        handOff,
      )
    }
    await store.close()
    await expect.poll(vacuumed).toEqual(['held', 'later', 'leases', 'ready', 'unsent'])
  })

  it('a role that does not own them leaves it to others, and nobody who says no is vacuumed for', async () => {
    await prepared(schema)
    const before = await turn()
    const backends = [
      postgresBackend({ url: await login(schema, 'worker'), schema, migrate: false }),
      postgresBackend({ url: serverUrl(), schema, vacuum: false }),
    ]
    for (const backend of backends) {
      await backend.open()
      await load(backend)
      await backend.close()
    }
    expect(await vacuumed()).toEqual([])
    // Nor did they take the turn of one who may.
    expect(await turn()).toBe(before)
  })
})
