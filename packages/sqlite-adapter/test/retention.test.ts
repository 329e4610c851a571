import type { DatabaseSync } from 'node:sqlite'
import { TOMBSTONE, type ClaimedJob, type NewJob } from '@jobport/core/adapter'
import { VirtualClock } from '@jobport/core/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SqliteBackend } from '../src/index.ts'
import { rowsOf } from './harness.ts'
import { virtualSqlite } from './virtual.ts'

const { signal } = new AbortController()
const job = (id: string, more: Partial<NewJob> = {}): NewJob => ({
  id,
  queue: 'work',
  name: 'n',
  payload: '"secret"',
  headers: {},
  ...more,
})

let clock: VirtualClock
let backend: SqliteBackend
let database: DatabaseSync
beforeEach(async () => {
  clock = new VirtualClock()
  ;({ backend, database } = virtualSqlite(clock))
  await backend.open()
})
afterEach(async () => {
  await backend.close()
  database.close()
})

const claim = (limit = 1): Promise<readonly ClaimedJob[]> =>
  backend.claim({ queue: 'work', limit, lease: 60_000, wait: 0 }, signal)
async function finished(id: string, keep: number, more: Partial<NewJob> = {}): Promise<ClaimedJob> {
  await backend.enqueue([job(id, more)])
  const [held] = await claim()
  expect(await backend.settle([{ lease: held!.lease, to: 'completed', result: '1', keep }])).toEqual(['applied'])
  return held!
}
const known = async (id: string): Promise<boolean> => (await backend.inspect.find([id]))[0] !== undefined

test('a record is readable for as long as it is to be kept, and not a millisecond longer', async () => {
  await finished('a', 5_000)
  await clock.advance(4_999)
  expect(await known('a')).toBe(true)
  expect((await backend.inspect.counts('work')).completed).toBe(1)
  await clock.advance(1)
  expect(await known('a')).toBe(false)
  expect((await backend.inspect.counts('work')).completed).toBe(0)
  expect(await backend.inspect.list({ queue: 'work', state: 'completed', limit: 10 })).toEqual({ jobs: [] })
  expect(await backend.inspect.queues()).toEqual([])
})

test.each([0, 5_000])(
  'id and token stay known for the whole tombstone, then nothing is left (keep %d)',
  async (keep) => {
    const { lease } = await finished('a', keep, { unique: { key: 'k', within: 1_000 }, group: 'g' })
    await clock.advance(TOMBSTONE - 1)
    expect(await backend.enqueue([job('a')])).toEqual([{ status: 'duplicate', of: 'a' }])
    expect(await backend.settle([{ lease, to: 'dead', error: '"e"', keep }])).toEqual(['applied'])
    await clock.advance(1_001)
    await claim()
    expect(rowsOf(database)).toBe(0)
  },
)

test('what is not to be kept is not in the file any more when the answer is there', async () => {
  await finished('a', 0)
  expect(database.prepare('select payload from jobport_jobs').all()).toEqual([{ payload: '' }])
  expect(database.prepare('select count(*) as rows from jobport_results').get()).toEqual({ rows: 0 })
})

test('a record that is kept for long stays when others leave', async () => {
  await finished('long', 10 * TOMBSTONE)
  await finished('short', 0)
  await clock.advance(TOMBSTONE + 1_000)
  await claim()
  expect(await known('long')).toBe(true)
  expect(await backend.enqueue([job('short')])).toEqual([{ status: 'enqueued' }])
})

test('a job that was sent back to work and finished again leaves when its last end is over, not its first', async () => {
  await finished('a', 1_000)
  await clock.advance(500)
  expect(await backend.operate.retry(['a'])).toEqual([true])
  const [again] = await claim()
  expect(again).toMatchObject({ lease: { id: 'a' }, attempt: 2, redrives: 1 })
  await backend.settle([{ lease: again!.lease, to: 'completed', keep: 2 * TOMBSTONE }])
  await clock.advance(TOMBSTONE + 2_000)
  await claim()
  expect(await known('a')).toBe(true)
  await clock.advance(TOMBSTONE + 2_000)
  await claim()
  expect(rowsOf(database)).toBe(0)
})

test('a call cleans a little, so a backlog never stops it', async () => {
  for (let batch = 0; batch < 10; batch++) await finished(`job-${batch}`, 0)
  await clock.advance(TOMBSTONE + 1_000)
  const before = rowsOf(database)
  await backend.enqueue([job('next')])
  const after = rowsOf(database)
  expect(after).toBeLessThan(before)
  expect(after).toBeGreaterThan(before / 2)
  for (let call = 0; call < 5; call++) await claim()
  await backend.operate.remove(['next'])
  const [held] = await claim()
  expect(held).toBeUndefined()
})

test('progress, errors, log lines and results leave with their job', async () => {
  await backend.enqueue([job('a')])
  const [first] = await claim()
  await backend.report([{ lease: first!.lease, progress: '0.5', logs: ['"line"'] }])
  await backend.settle([{ lease: first!.lease, to: 'waiting', delay: 0, error: '"e"', counts: 'failure' }])
  const [second] = await claim()
  await backend.settle([{ lease: second!.lease, to: 'completed', result: '1', keep: 1_000 }])
  expect((await backend.inspect.find(['a']))[0]).toMatchObject({
    errors: ['"e"'],
    logs: ['"line"'],
    progress: '0.5',
    result: '1',
  })
  await clock.advance(TOMBSTONE + 1_000)
  await claim()
  expect(rowsOf(database)).toBe(0)
})

test('a unique key whose window outlasts its job leaves when that is over', async () => {
  await finished('a', 0, { unique: { key: 'k', within: 2 * TOMBSTONE } })
  await clock.advance(2 * TOMBSTONE - 1)
  await claim()
  expect(await backend.enqueue([job('b', { unique: { key: 'k' } })])).toEqual([{ status: 'duplicate', of: 'a' }])
  await clock.advance(2_000)
  await claim()
  expect(rowsOf(database)).toBe(0)
})

test('the clock of this process has no say', async () => {
  const real = Date.now
  Date.now = () => real() + 3_600_000
  try {
    await finished('a', 5_000)
    const [record] = await backend.inspect.find(['a'])
    expect(record).toMatchObject({ enqueuedAt: clock.date(), finishedAt: clock.date() })
  } finally {
    Date.now = real
  }
})
