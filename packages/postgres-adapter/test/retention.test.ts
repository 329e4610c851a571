import { runCases } from '@jobport/conformance'
import { TOMBSTONE, type ClaimedJob, type NewJob, type Settlement } from '@jobport/core/adapter'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PostgresBackend } from '../src/index.ts'
import { rowsOf } from './harness.ts'
import { ServerClock } from './virtual.ts'

const SCHEMA = 'retention'
const clock = new ServerClock()
const never = new AbortController().signal
let backend: PostgresBackend

beforeEach(async () => {
  backend = await clock.open(SCHEMA)
  await backend.open()
})
afterEach(async () => {
  await backend.close()
  await clock.drop(SCHEMA)
})
afterAll(() => clock.close())

const claim = (): Promise<readonly ClaimedJob[]> =>
  backend.claim({ queue: 'q', limit: 100, lease: 60_000, wait: 0 }, never)

const kinds: Readonly<Record<string, Partial<NewJob>>> = {
  'plain jobs': {},
  'unique jobs': { unique: { key: 'k' } },
  'unique jobs with a window that is longer than they are kept': { unique: { key: 'k', within: 20 * TOMBSTONE } },
  'jobs of a group': { group: 'g' },
  'jobs with a priority, headers and a policy': { priority: 5, headers: { a: 'b' }, policy: '{}' },
  'delayed jobs': { delay: 1_000 },
}
const endings: Readonly<Record<string, (lease: ClaimedJob['lease']) => Settlement>> = {
  'no record': (lease) => ({ lease, to: 'completed', keep: 0 }),
  'a result': (lease) => ({ lease, to: 'completed', keep: 10 * TOMBSTONE, result: '"result"' }),
  'an error': (lease) => ({ lease, to: 'dead', keep: 1_000, error: '"error"' }),
  'a cancellation': (lease) => ({ lease, to: 'cancelled', keep: 1_000 }),
}
const table = Object.entries(kinds).flatMap(([kind, more]) =>
  Object.entries(endings).map(([ending, end]) => [kind, ending, more, end] as const),
)

describe('in the end not a row is left', () => {
  it.each(table)('of %s that left %s behind', async (_kind, _ending, more, end) => {
    const ids = Array.from({ length: 12 }, (_, index) => `job-${index}`)
    await backend.enqueue(
      ids.map((id) => ({
        id,
        queue: 'q',
        name: 'n',
        payload: '1',
        headers: {},
        ...more,
        ...(more.unique && { unique: { ...more.unique, key: id } }),
      })),
    )
    await clock.advance(1_000)
    const failed = await claim()
    await backend.report(failed.map(({ lease }) => ({ lease, begun: true, progress: '1', logs: ['"line"'] })))
    await backend.settle(
      failed.map(({ lease }) => ({ lease, to: 'waiting', delay: 0, counts: 'failure', error: '"again"' })),
    )
    for (let done = 0; done < ids.length;) {
      const held = await claim()
      await backend.settle(held.map(({ lease }) => end(lease)))
      done += held.length
    }
    expect(await rowsLeft()).toBeGreaterThan(0)
    await clock.advance(30 * TOMBSTONE)
    // Whoever calls sweeps, at most once a second.
    await expect
      .poll(async () => {
        await claim()
        return rowsLeft()
      })
      .toBe(0)
  })
})

/** All but the row that says what time it is. */
async function rowsLeft(): Promise<number> {
  return (await rowsOf(SCHEMA)) - 1
}

it('a call drops so much and no more, however much is over', async () => {
  const count = 50
  const ids = Array.from({ length: count }, (_, index) => `job-${index}`)
  await backend.enqueue(ids.map((id) => ({ id, queue: 'q', name: 'n', payload: '1', headers: {} })))
  for (let done = 0; done < count; done++) {
    // Each in a claim of its own, so that they are not kept together.
    const [held] = await backend.claim({ queue: 'q', limit: 1, lease: 60_000, wait: 0 }, never)
    await backend.settle([{ lease: held!.lease, to: 'completed', keep: 0 }])
  }
  await backend.close()
  const before = await rowsLeft()
  await clock.advance(2 * TOMBSTONE)
  await backend.open()
  await claim()
  // Lets what the call has begun come to its end.
  await backend.close()
  const dropped = before - (await rowsLeft())
  expect(dropped).toBeGreaterThan(0)
  // A row of the job and one of its ending.
  expect(dropped).toBeLessThanOrEqual(2 * 20)
})

it('until then ids stay known for the whole tombstone', async () => {
  const harness = {
    name: 'postgres in virtual time',
    clock,
    open: (namespace: string) => clock.open(`r_${namespace}`),
    cleanup: (namespace: string) => clock.drop(`r_${namespace}`),
  }
  expect(await runCases(harness, ({ id }) => id === 'A1.13')).toMatchObject([{ status: 'passed' }])
})
