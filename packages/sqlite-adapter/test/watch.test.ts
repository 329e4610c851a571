import type { Finished, NewJob } from '@jobport/core/adapter'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sqliteBackend, type SqliteBackend } from '../src/index.ts'

const { signal } = new AbortController()
const jobs = (count: number): NewJob[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `job-${index}`,
    queue: 'work',
    name: 'n',
    payload: '1',
    headers: {},
  }))

let backend: SqliteBackend
let told: Finished[][]
beforeEach(async () => {
  backend = sqliteBackend({ file: ':memory:' })
  await backend.open()
  told = []
  await backend.inspect.watch((finished) => void told.push([...finished]))
})
afterEach(() => backend.close())

async function claimed(count: number): Promise<Parameters<SqliteBackend['settle']>[0]> {
  await backend.enqueue(jobs(count))
  const held = await backend.claim({ queue: 'work', limit: count, lease: 60_000, wait: 0 }, signal)
  return held.map(({ lease }) => ({ lease, to: 'completed', keep: 60_000 }))
}

test('a job that is removed before anybody has looked is told all the same, and once', async () => {
  const settlements = await claimed(3)
  // Both are done before the listener has its turn.
  const done = [backend.settle(settlements), backend.operate.remove(['job-1'])]
  expect(told).toEqual([])
  await Promise.all(done)
  expect(
    told
      .flat()
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(['job-0', 'job-1', 'job-2'])
})

test('a job that is sent back to work before anybody has looked is told once for each time it finishes', async () => {
  const done = [backend.settle(await claimed(1)), backend.operate.retry(['job-0'])]
  await Promise.all(done)
  const [again] = await backend.claim({ queue: 'work', limit: 1, lease: 60_000, wait: 0 }, signal)
  await backend.settle([{ lease: again!.lease, to: 'dead', error: '"e"', keep: 60_000 }])
  expect(told).toEqual([
    [{ id: 'job-0', queue: 'work', state: 'completed' }],
    [{ id: 'job-0', queue: 'work', state: 'dead' }],
  ])
})

test('a call that finishes many jobs in several ways is told of in one batch', async () => {
  const [first, second, ...rest] = await claimed(200)
  await backend.settle([
    { ...first!, to: 'dead', error: '"e"', keep: 1 },
    { ...second!, to: 'cancelled', keep: 9 },
    ...rest,
  ])
  expect(told).toHaveLength(1)
  expect(told[0]).toHaveLength(200)
})
