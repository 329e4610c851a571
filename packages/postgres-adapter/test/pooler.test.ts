import { testBackend } from '@jobport/conformance'
import { afterAll, describe, expect, it } from 'vitest'
import { startPgbouncer } from '../../../scripts/services/pgbouncer.ts'
import { postgresBackend } from '../src/index.ts'
import { dropSchema, serverHarness, serverUrl, withClient } from './harness.ts'

const pooler = await startPgbouncer(serverUrl())
afterAll(() => pooler.stop())

// Nothing says that there is a pooler: the backend has to notice.
await testBackend(serverHarness({ name: 'postgres through pgbouncer', url: pooler.url }), { describe, it })

describe('a pooler in transaction mode', () => {
  it('is left without prepared statements, locks and listeners of ours', async () => {
    const backend = postgresBackend({ url: pooler.url, schema: 'pooled' })
    try {
      await backend.open()
      await backend.enqueue([{ id: 'a', queue: 'q', name: 'n', payload: '1', headers: {} }])
      const [job] = await backend.claim({ queue: 'q', limit: 1, lease: 1_000, wait: 1_000 }, AbortSignal.timeout(5_000))
      await backend.settle([{ lease: job!.lease, to: 'completed', keep: 0 }])
      const left = await withClient(async (client) => {
        const { rows } = await client.query(
          "select (select count(*)::int from pg_prepared_statements where name like 'pooled%') as prepared, (select count(*)::int from pg_listening_channels()) as listening",
        )
        const { rows: locks } = await client.query(
          // Of this schema: other tests migrate at the same time.
          `select count(*)::int as locks from pg_locks
           where locktype = 'advisory' and (classid::bigint << 32 | objid::bigint) = hashtextextended('jobport migration pooled', 0)`,
        )
        return { ...rows[0], ...locks[0] } as unknown
      }, pooler.url)
      expect(left).toEqual({ prepared: 0, listening: 0, locks: 0 })
    } finally {
      await backend.close()
      await dropSchema('pooled')
    }
  })
})
