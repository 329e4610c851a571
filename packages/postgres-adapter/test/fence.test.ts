import type { Lease, NewJob } from '@jobport/core/adapter'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { postgresBackend } from '../src/index.ts'
import { dropSchema, serverUrl } from './harness.ts'

const schema = 'fence'
const backend = postgresBackend({ url: serverUrl(), schema, warn: () => {} })
const never = new AbortController().signal
const job = (id: string): NewJob => ({ id, queue: 'q', name: 'n', payload: '1', headers: {} })

beforeAll(() => backend.open())
afterAll(async () => {
  await backend.close()
  await dropSchema(schema)
})

it('knows a claim by its random part too: numbers come again when a backup is restored', async () => {
  await backend.enqueue([job('a')])
  const [held] = await backend.claim({ queue: 'q', limit: 1, lease: 30_000, wait: 0 }, never)
  const { lease } = held!
  const random = /:([^.]+)/.exec(lease.token)![1]!
  const other: Lease = {
    ...lease,
    token: lease.token.replace(
      random,
      random.replace(/^./, (c) => (c === 'x' ? 'y' : 'x')),
    ),
  }
  expect(await backend.settle([{ lease: other, to: 'completed', keep: 0 }])).toEqual(['lost'])
  expect(await backend.settle([{ lease, to: 'completed', keep: 0 }])).toEqual(['applied'])
})

it('takes a job that is extended alone out of the lease that it shared', async () => {
  await backend.enqueue([job('b'), job('c')])
  const held = await backend.claim({ queue: 'q', limit: 2, lease: 300, wait: 0 }, never)
  const b = held.find(({ lease }) => lease.id === 'b')!
  expect(await backend.extend([b.lease], 60_000)).toEqual(['applied'])
  const again = await backend.claim({ queue: 'q', limit: 2, lease: 30_000, wait: 5_000 }, never)
  expect(again.map(({ lease }) => lease.id)).toEqual(['c'])
  expect(await backend.settle([{ lease: b.lease, to: 'completed', keep: 0 }])).toEqual(['applied'])
})
