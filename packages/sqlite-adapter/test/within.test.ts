import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { ClaimedJob, NewJob } from '@jobport/core/adapter'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sqliteBackend, type SqliteBackend } from '../src/index.ts'
import { temporaryFolder } from './folder.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const { signal } = new AbortController()
const job = (id: string, more: Partial<NewJob> = {}): NewJob => ({
  id,
  queue: 'work',
  name: 'n',
  payload: '1',
  headers: {},
  ...more,
})
const claimOne = async (backend: SqliteBackend, wait = 0, lease = 60_000): Promise<ClaimedJob | undefined> =>
  (await backend.claim({ queue: 'work', limit: 1, lease, wait }, signal))[0]

let serial = 0
let file: string
let backend: SqliteBackend
let tx: DatabaseSync
beforeEach(async () => {
  file = folder.path(`within-${++serial}.db`)
  backend = sqliteBackend({ file })
  await backend.open()
  tx = new DatabaseSync(file)
  tx.exec('create table effects (id text primary key)')
})
afterEach(async () => {
  tx.close()
  await backend.close()
})

test('what is enqueued is visible if and only if the transaction commits', async () => {
  tx.exec('begin immediate')
  expect(await backend.within(tx).enqueue([job('a')])).toEqual([{ status: 'enqueued' }])
  expect(await claimOneUnlocked()).toBeUndefined()
  tx.exec('rollback')
  expect(await backend.inspect.find(['a'])).toEqual([undefined])

  tx.exec('begin immediate')
  await backend.within(tx).enqueue([job('a')])
  tx.exec('commit')
  expect((await claimOne(backend))?.lease.id).toBe('a')
})

/** The write lock is with the transaction, so only reading tells. */
async function claimOneUnlocked(): Promise<ClaimedJob | undefined> {
  expect((await backend.inspect.counts('work')).waiting).toBe(0)
  return undefined
}

test('a completion and the effects of its transaction are one', async () => {
  await backend.enqueue([job('a')])
  const { lease } = (await claimOne(backend))!
  const complete = async (): Promise<void> => {
    tx.exec("begin immediate; insert into effects values ('a')")
    expect(await backend.within(tx).settle([{ lease, to: 'completed', keep: 60_000, then: [job('b')] }])).toEqual([
      'applied',
    ])
  }
  await complete()
  tx.exec('rollback')
  expect((await backend.inspect.find(['a', 'b'])).map((record) => record?.state)).toEqual(['active', undefined])
  await complete()
  tx.exec('commit')
  expect((await backend.inspect.find(['a', 'b'])).map((record) => record?.state)).toEqual(['completed', 'waiting'])
  expect(tx.prepare('select id from effects').all()).toEqual([{ id: 'a' }])
})

test('a lease that was lost is told to the transaction', async () => {
  await backend.enqueue([job('a')])
  const stale = (await claimOne(backend, 0, 1))!
  const held = (await claimOne(backend, 5_000))!
  tx.exec('begin immediate')
  expect(await backend.within(tx).settle([{ lease: stale.lease, to: 'completed', keep: 0 }])).toEqual(['lost'])
  tx.exec('rollback')
  expect(await backend.settle([{ lease: held.lease, to: 'completed', keep: 0 }])).toEqual(['applied'])
})

test('a waiting claim and a watcher learn of the commit within 50 ms', async () => {
  const told: unknown[] = []
  await backend.inspect.watch((finished) => void told.push(...finished))
  // A busy machine may be late for any of them, but not for all. Without being woken it would take the whole 10 s.
  let quickest = Infinity
  const ids: string[] = []
  while (quickest >= 50 && ids.length < 200) {
    const id = `job-${ids.length}`
    ids.push(id)
    const waiting = claimOne(backend, 10_000)
    tx.exec('begin immediate')
    await backend.within(tx).enqueue([job(id)])
    tx.exec('commit')
    const start = performance.now()
    const { lease } = (await waiting)!
    quickest = Math.min(quickest, performance.now() - start)
    tx.exec('begin immediate')
    await backend.within(tx).settle([{ lease, to: 'dead', error: '"e"', keep: 60_000 }])
    tx.exec('commit')
  }
  expect(quickest).toBeLessThan(50)
  await expect.poll(() => told).toEqual(ids.map((id) => ({ id, queue: 'work', state: 'dead' })))
})

describe('refuses', () => {
  test('a connection that is in no transaction', () => {
    expect(() => backend.within(tx)).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringContaining('begin immediate') }),
    )
  })

  test('a transaction that is over', async () => {
    tx.exec('begin')
    const { enqueue } = backend.within(tx)
    tx.exec('rollback')
    await expect(enqueue([job('a')])).rejects.toMatchObject({ code: 'invalid' })
  })

  test('a connection to another file, or to memory', () => {
    for (const path of [folder.path('other.db'), ':memory:']) {
      const other = new DatabaseSync(path)
      other.exec('begin')
      expect(() => backend.within(other)).toThrow(
        expect.objectContaining({ code: 'invalid', message: expect.stringContaining(file) }),
      )
      other.close()
    }
  })

  test('a connection that is closed', () => {
    const other = new DatabaseSync(file)
    other.close()
    expect(() => backend.within(other)).toThrow(expect.objectContaining({ code: 'closed' }))
  })

  test('a connection that may only read', async () => {
    const other = new DatabaseSync(file, { readOnly: true })
    other.exec('begin')
    await expect(backend.within(other).enqueue([job('a')])).rejects.toMatchObject({ code: 'denied', outcome: 'none' })
    other.close()
  })
})

test('a call that fails leaves nothing of itself in the transaction', async () => {
  tx.exec("begin immediate; insert into effects values ('kept')")
  const wrong = job('wrong', { name: {} as never, unique: { key: 'k' } })
  await expect(backend.within(tx).enqueue([job('right'), wrong])).rejects.toThrow(/cannot be bound/)
  tx.exec('commit')
  expect(await backend.inspect.find(['right', 'wrong'])).toEqual([undefined, undefined])
  expect(tx.prepare('select id from effects').all()).toEqual([{ id: 'kept' }])
})

test('a disk that is full ends the transaction, and is told', async () => {
  tx.exec("begin immediate; insert into effects values ('gone')")
  const { page_count: pages } = tx.prepare('pragma page_count').get() as { page_count: number }
  tx.exec(`pragma max_page_count = ${pages + 5}`)
  const large = job('large', { payload: JSON.stringify('x'.repeat(100_000)) })
  await expect(backend.within(tx).enqueue([large])).rejects.toMatchObject({
    code: 'full',
    retryable: true,
    outcome: 'none',
  })
  expect(tx.isTransaction).toBe(false)
  expect(tx.prepare('select id from effects').all()).toEqual([])
})

test.each([':memory:', 'shared.db'])(
  'a connection that is shared takes part in its own transactions (%s)',
  async (name) => {
    const database = new DatabaseSync(name === ':memory:' ? name : folder.path(name))
    database.exec('pragma journal_mode = wal')
    const shared = sqliteBackend({ database })
    await shared.open()
    const waiting = claimOne(shared, 10_000)
    // It has looked, and waits.
    for (let turn = 0; turn < 5; turn++) await setImmediate()
    database.exec('begin')
    await shared.within(database).enqueue([job('a')])
    database.exec('commit')
    const start = performance.now()
    expect((await waiting)?.lease.id).toBe('a')
    // It was woken: else it would have waited to the end.
    expect(performance.now() - start).toBeLessThan(8_000)
    database.exec('begin')
    await shared.within(database).enqueue([job('b')])
    database.exec('rollback')
    expect(await claimOne(shared)).toBeUndefined()
    await shared.close()
    expect(database.isOpen).toBe(true)
    database.close()
  },
)
