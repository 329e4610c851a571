import type { ClaimedJob, NewJob, Settlement } from '@jobport/core/adapter'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sqliteBackend, type SqliteBackend } from '../src/index.ts'

const { signal } = new AbortController()
const job = (id: string, more: Partial<NewJob> = {}): NewJob => ({
  id,
  queue: 'work',
  name: 'n',
  payload: '1',
  headers: {},
  ...more,
})

let backend: SqliteBackend
beforeEach(async () => {
  backend = sqliteBackend({ file: ':memory:' })
  await backend.open()
})
afterEach(() => backend.close())

const claim = (queue = 'work', limit = 10): Promise<readonly ClaimedJob[]> =>
  backend.claim({ queue, limit, lease: 60_000, wait: 0 }, signal)
const ids = (jobs: readonly ClaimedJob[]): string[] => jobs.map(({ lease }) => lease.id)

/** What follows from job `id`. */
const after = (id: string): readonly NewJob[] => [job(`after-${id}`, { queue: 'after' })]

test('what follows from the settlements of one call is enqueued in their order, whatever the outcomes are', async () => {
  await backend.enqueue(['a', 'b', 'c', 'd'].map((id) => job(id)))
  const held = await claim()
  const ends: readonly Settlement[] = held.map(({ lease }): Settlement => {
    switch (lease.id) {
      case 'a':
        return { lease, to: 'completed', keep: 60_000, then: after('a') }
      case 'b':
        return { lease, to: 'waiting', delay: 0, counts: 'failure', error: '"e"', then: after('b') }
      case 'c':
        return { lease, to: 'dead', error: '"e"', keep: 60_000, then: after('c') }
      default:
        return { lease, to: 'completed', keep: 60_000, then: after('d') }
    }
  })
  expect(await backend.settle(ends)).toEqual(['applied', 'applied', 'applied', 'applied'])
  expect(ids(await claim('after'))).toEqual(['after-a', 'after-b', 'after-c', 'after-d'])
})

test('a follower takes the unique key of a job that was settled before it in the same call, not of one settled after it', async () => {
  await backend.enqueue([job('a', { unique: { key: 'a' } }), job('b', { unique: { key: 'b' } })])
  const [a, b] = await claim()
  const wants = (key: string): readonly NewJob[] => [job(`next-${key}`, { unique: { key } })]
  await backend.settle([
    { lease: a!.lease, to: 'completed', keep: 60_000, then: wants('b') },
    { lease: b!.lease, to: 'completed', keep: 60_000, then: wants('a') },
  ])
  expect(ids(await claim())).toEqual(['next-a'])
})

test('a batch of all kinds is put in line one by one', async () => {
  await backend.enqueue([job('known')])
  const answers = await backend.enqueue([
    job('a'),
    job('later', { delay: 60_000 }),
    job('b'),
    job('known'),
    job('elsewhere', { queue: 'other' }),
    job('c', { unique: { key: 'k' } }),
    job('urgent', { priority: 9 }),
    job('d', { group: 'g' }),
    job('held', { group: 'g' }),
    job('a'),
    job('e'),
  ])
  const duplicates = answers.flatMap((answer) => (answer.status === 'duplicate' ? [answer.of] : []))
  expect(duplicates).toEqual(['known', 'a'])
  expect(ids(await claim('work', 100))).toEqual(['urgent', 'known', 'a', 'b', 'c', 'd', 'e'])
  expect(ids(await claim('other'))).toEqual(['elsewhere'])
  expect(await backend.inspect.counts('work')).toMatchObject({ active: 7, scheduled: 1, waiting: 1 })
})

test('a job that is sent back to work does not overtake the head of its group once that has started', async () => {
  await backend.enqueue([job('first', { group: 'g' }), job('second', { group: 'g' }), job('third', { group: 'g' })])
  const [first] = await claim()
  await backend.settle([{ lease: first!.lease, to: 'dead', error: '"e"', keep: 60_000 }])
  const [second] = await claim()
  expect(second!.lease.id).toBe('second')
  await backend.settle([{ lease: second!.lease, to: 'waiting', delay: 0, counts: 'failure' }])
  expect(await backend.operate.retry(['first'])).toEqual([true])
  const order: string[] = []
  for (let [next] = await claim(); next !== undefined; [next] = await claim()) {
    order.push(next.lease.id)
    await backend.settle([{ lease: next.lease, to: 'completed', keep: 60_000 }])
  }
  expect(order).toEqual(['second', 'first', 'third'])
})

test('a job that is sent back to work goes ahead of a head that has not started', async () => {
  await backend.enqueue([job('first', { group: 'g' }), job('second', { group: 'g', priority: 2 })])
  const [first] = await claim()
  await backend.settle([{ lease: first!.lease, to: 'dead', error: '"e"', keep: 60_000 }])
  expect(await backend.operate.retry(['first'])).toEqual([true])
  expect(ids(await claim())).toEqual(['first'])
})

test('a settlement of a claim that has many jobs leaves the others leased', async () => {
  await backend.enqueue(Array.from({ length: 10 }, (_, index) => job(`job-${index}`)))
  const held = await claim()
  for (const [index, { lease }] of held.entries()) {
    expect(await backend.settle([{ lease, to: 'completed', keep: 60_000 }])).toEqual(['applied'])
    expect(await backend.inspect.counts('work')).toMatchObject({ active: 9 - index, completed: 1 + index })
  }
})
