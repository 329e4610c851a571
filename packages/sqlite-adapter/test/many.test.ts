import type { JobRecord, NewJob } from '@jobport/core/adapter'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sqliteBackend, type SqliteBackend } from '../src/index.ts'

const { signal } = new AbortController()
const COUNT = 6_000

let backend: SqliteBackend
beforeAll(async () => {
  backend = sqliteBackend({ file: ':memory:' })
  await backend.open()
  for (let from = 0; from < COUNT; from += 1_000) {
    const batch = Array.from({ length: 1_000 }, (_, index): NewJob => ({
      id: `job-${from + index}`,
      queue: 'work',
      name: (from + index) % 1_000 === 0 ? 'rare' : 'usual',
      payload: '1',
      headers: {},
      priority: index % 3,
    }))
    await backend.enqueue(batch)
  }
})
afterAll(() => backend.close())

async function pages(state: 'waiting' | 'completed' | 'dead', name?: string): Promise<JobRecord[]> {
  const all: JobRecord[] = []
  for (let after: string | undefined; ;) {
    const page = await backend.inspect.list({
      queue: 'work',
      state,
      limit: 700,
      ...(name && { name }),
      ...(after && { after }),
    })
    all.push(...page.jobs)
    if (page.next === undefined) return all
    after = page.next
  }
}
const numbers = (records: readonly JobRecord[]): number[] => records.map(({ id }) => Number(id.slice(4)))
const counting = (count: number, step = 1): number[] => Array.from({ length: count }, (_, index) => index * step)

test('thousands of waiting jobs of several priorities are listed page by page, oldest first', async () => {
  expect(numbers(await pages('waiting'))).toEqual(counting(COUNT))
  expect(numbers(await pages('waiting', 'rare'))).toEqual(counting(COUNT / 1_000, 1_000))
})

test('a job in the midst of thousands is cancelled and the others keep their order', async () => {
  expect(await backend.operate.cancel([{ id: 'job-3', keep: 60_000 }])).toEqual(['cancelled'])
  expect(await backend.operate.retry(['job-3'])).toEqual([true])
  const claimed = await backend.claim({ queue: 'work', limit: 4, lease: 1, wait: 0 }, signal)
  expect(claimed.map(({ lease }) => lease.id)).toEqual(['job-2', 'job-5', 'job-8', 'job-11'])
  const answers = await backend.settle(
    claimed.map(({ lease }) => ({ lease, to: 'waiting', delay: 0, counts: 'nothing' })),
  )
  expect(answers).toEqual(['applied', 'applied', 'applied', 'applied'])
})

test('thousands of finished jobs are listed and counted, and so are the few that ended otherwise', async () => {
  for (let left = COUNT; left > 0;) {
    const claimed = await backend.claim({ queue: 'work', limit: 1_000, lease: 60_000, wait: 0 }, signal)
    expect(claimed.length).toBeGreaterThan(0)
    const keep = 60_000
    await backend.settle(
      claimed.map(({ lease }) => {
        const dead = Number(lease.id.slice(4)) % 1_000 === 7
        return dead ? { lease, to: 'dead', error: '"e"', keep } : { lease, to: 'completed', keep }
      }),
    )
    left -= claimed.length
  }
  const dead = counting(COUNT / 1_000, 1_000).map((number) => number + 7)
  expect(await backend.inspect.counts('work')).toMatchObject({
    completed: COUNT - dead.length,
    dead: dead.length,
    waiting: 0,
    active: 0,
  })
  expect(numbers(await pages('dead'))).toEqual(dead)
  expect(numbers(await pages('completed'))).toEqual(counting(COUNT).filter((number) => !dead.includes(number)))
  expect(numbers(await pages('completed', 'rare'))).toEqual(counting(COUNT / 1_000, 1_000))
})

test('what is left is purged step by step', async () => {
  let purged = 0
  for (let count = 1_000; count === 1_000; purged += count) {
    count = await backend.operate.purge({ queue: 'work', state: 'completed', limit: 1_000 })
  }
  expect(purged).toBe(COUNT - COUNT / 1_000)
  expect(await backend.inspect.counts('work')).toMatchObject({ completed: 0, dead: 6 })
})
