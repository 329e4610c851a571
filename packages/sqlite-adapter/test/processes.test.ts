import { randomUUID } from 'node:crypto'
import type { Finished, NewJob } from '@jobport/core/adapter'
import { afterAll, afterEach, expect, test } from 'vitest'
import { sqliteBackend, type SqliteBackend } from '../src/index.ts'
import { startChild, type Child } from './child.ts'
import { temporaryFolder } from './folder.ts'

const folder = temporaryFolder()
const children: Child[] = []
const backends: SqliteBackend[] = []
const start = (...args: [string, ...string[]]): Child => {
  const child = startChild(...args)
  children.push(child)
  return child
}
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()))
  await Promise.all(backends.splice(0).map((backend) => backend.close()))
})
afterAll(() => folder.remove())

const { signal } = new AbortController()
const jobs = (count: number): NewJob[] =>
  Array.from({ length: count }, () => ({ id: randomUUID(), queue: 'work', name: 'shared', payload: '1', headers: {} }))

async function opened(file: string): Promise<SqliteBackend> {
  const backend = sqliteBackend({ file })
  backends.push(backend)
  await backend.open()
  return backend
}

test('processes that enqueue and work on one file share the jobs, none twice, none left', async () => {
  const file = folder.path('shared.db')
  const backend = await opened(file)
  const finished: Finished[] = []
  await backend.inspect.watch((batch) => void finished.push(...batch))
  const workers = [start('work', file, '60000', 'no'), start('work', file, '60000', 'no')]
  const producer = start('produce', file)
  await Promise.all(workers.map((worker) => worker.next('settled')))
  for (let batch = 0; batch < 20; batch++) await backend.enqueue(jobs(25))
  for (let line = 0; line < 20; line++) await producer.next('accepted')
  await producer.kill()
  for (;;) {
    const claimed = await backend.claim({ queue: 'work', limit: 10, lease: 10_000, wait: 300 }, signal)
    if (claimed.length === 0) break
    await backend.settle(claimed.map(({ lease }) => ({ lease, to: 'completed', keep: 3_600_000 })))
  }
  // What the others have in hand is over when they get their turns.
  await expect.poll(() => backend.inspect.counts('work')).toMatchObject({ waiting: 0, scheduled: 0, active: 0 })
  const counts = await backend.inspect.counts('work')
  expect(counts.completed).toBeGreaterThanOrEqual(500 + 7 * 20)
  const settled = workers.flatMap((worker) => worker.said('settled').flat()) as [string, string, string][]
  expect(settled.filter(([, , answer]) => answer !== 'applied')).toEqual([])
  expect(new Set(settled.map(([id]) => id)).size).toBe(settled.length)
  // Told once for each, by whichever process it was finished.
  await expect.poll(() => finished.length).toBe(counts.completed)
  expect(new Set(finished.map(({ id }) => id)).size).toBe(counts.completed)
}, 180_000)

test('a waiting claim wakes within 50 ms of an enqueue by another process', async () => {
  const file = folder.path('wake.db')
  const backend = await opened(file)
  const other = start('enqueue-on-order', file)
  await other.next('open')
  // A busy machine may be late for any of them, but not for all. Without being woken it would take the whole 10 s.
  let quickest = Infinity
  for (let round = 0; quickest >= 50 && round < 200; round++) {
    const id = `job-${round}`
    const waiting = backend.claim({ queue: 'work', limit: 1, lease: 10_000, wait: 10_000 }, signal)
    other.process.stdin!.write(`${id}\n`)
    const claimed = await waiting
    const now = Date.now()
    quickest = Math.min(quickest, now - (await other.next('enqueued')))
    expect(claimed.map(({ lease }) => lease.id)).toEqual([id])
  }
  expect(quickest).toBeLessThan(50)
})

test('watching does not keep a process alive', async () => {
  const child = start('watch-only', folder.path('alive.db'))
  expect(await child.exited).toBe(0)
})

test('a waiting claim keeps a process alive until it ends', async () => {
  const child = start('wait-only', folder.path('alive.db'))
  expect(await child.next('waited')).toBe(0)
  expect(await child.exited).toBe(0)
})
