import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { NewJob } from '@jobport/core/adapter'
import { afterAll, describe, expect, test } from 'vitest'
import { sqliteBackend } from '../src/index.ts'
import { temporaryFolder } from './folder.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const { signal } = new AbortController()
const job = (id: string, payload = '1'): NewJob => ({ id, queue: 'work', name: 'n', payload, headers: {} })

describe('the write lock is with another connection', () => {
  test('a call waits for it without stopping the event loop', async () => {
    const file = folder.path('busy.db')
    const backend = sqliteBackend({ file })
    await backend.open()
    const other = new DatabaseSync(file)
    other.exec('begin immediate')
    const calls = [
      backend.enqueue([job('a')]),
      backend.claim({ queue: 'work', limit: 1, lease: 1_000, wait: 5_000 }, signal),
    ]
    for (let turn = 0; turn < 50; turn++) await setImmediate()
    other.exec('commit')
    expect(await calls[0]).toEqual([{ status: 'enqueued' }])
    expect(await calls[1]).toHaveLength(1)
    other.close()
    await backend.close()
  })

  test('a call fails as unavailable when that lasts, and was not applied', async () => {
    const file = folder.path('held.db')
    const backend = sqliteBackend({ file, busyTimeout: 50 })
    await backend.open()
    const other = new DatabaseSync(file)
    other.exec('begin immediate')
    await expect(backend.enqueue([job('a')])).rejects.toMatchObject({
      name: 'BackendError',
      code: 'unavailable',
      outcome: 'none',
      retryable: true,
      message: expect.stringContaining('busyTimeout'),
    })
    expect(await backend.inspect.find(['a'])).toEqual([undefined])
    expect(await backend.health()).toMatchObject({ reachable: true })
    other.close()
    expect(await backend.enqueue([job('a')])).toEqual([{ status: 'enqueued' }])
    await backend.close()
  })

  test('an abort ends a claim that waits for it', async () => {
    const file = folder.path('abort.db')
    const backend = sqliteBackend({ file })
    await backend.open()
    await backend.enqueue([job('a')])
    const other = new DatabaseSync(file)
    other.exec('begin immediate')
    const abort = new AbortController()
    const claim = backend.claim({ queue: 'work', limit: 1, lease: 1_000, wait: 60_000 }, abort.signal)
    await setImmediate()
    // The lock is free again before the claim tries once more.
    abort.abort()
    other.close()
    expect(await claim).toEqual([])
    expect((await backend.claim({ queue: 'work', limit: 1, lease: 1_000, wait: 0 }, signal))[0]?.attempt).toBe(1)
    await backend.close()
  })

  test('a transaction of the application on a connection that it shares is waited for', async () => {
    const database = new DatabaseSync(':memory:')
    const backend = sqliteBackend({ database })
    await backend.open()
    database.exec('begin')
    const enqueued = backend.enqueue([job('a')])
    await setImmediate()
    database.exec('rollback')
    expect(await enqueued).toEqual([{ status: 'enqueued' }])
    await backend.close()
    database.close()
  })
})

test('no space: new jobs are refused with `full`, nothing of the batch stays, and it goes on when there is space', async () => {
  const database = new DatabaseSync(folder.path('full.db'))
  database.exec('pragma journal_mode = wal')
  const backend = sqliteBackend({ database })
  await backend.open()
  const { page_count: pages } = database.prepare('pragma page_count').get() as { page_count: number }
  database.exec(`pragma max_page_count = ${pages + 10}`)
  const batch = Array.from({ length: 500 }, (_, index) => job(`job-${index}`, JSON.stringify('x'.repeat(500))))
  await expect(backend.enqueue(batch)).rejects.toMatchObject({
    code: 'full',
    outcome: 'none',
    retryable: true,
    message: expect.stringContaining('space'),
  })
  expect((await backend.inspect.counts('work')).waiting).toBe(0)
  database.exec('pragma max_page_count = 1000000')
  expect(await backend.enqueue(batch.slice(0, 1))).toEqual([{ status: 'enqueued' }])
  await backend.close()
  database.close()
})

describe('opening', () => {
  test('a folder that does not exist is told', async () => {
    await expect(sqliteBackend({ file: folder.path('nowhere/jobs.db') }).open()).rejects.toMatchObject({
      code: 'not-found',
      retryable: false,
    })
  })

  test('a file that is no database is told', async () => {
    const file = folder.path('text.db')
    writeFileSync(file, 'no database '.repeat(1_000))
    await expect(sqliteBackend({ file }).open()).rejects.toMatchObject({ code: 'unsupported', retryable: false })
  })

  test('a folder in place of a file is told', async () => {
    mkdirSync(folder.path('folder.db'))
    await expect(sqliteBackend({ file: folder.path('folder.db') }).open()).rejects.toMatchObject({ code: 'not-found' })
  })

  test('a connection that may only read is told', async () => {
    new DatabaseSync(folder.path('read.db')).exec('pragma journal_mode = wal; create table a (b)')
    const database = new DatabaseSync(folder.path('read.db'), { readOnly: true })
    await expect(sqliteBackend({ database }).open()).rejects.toMatchObject({ code: 'denied', outcome: 'none' })
    database.close()
  })

  test('a connection without a write-ahead log is told', async () => {
    const database = new DatabaseSync(folder.path('journal.db'))
    await expect(sqliteBackend({ database }).open()).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('journal_mode = wal'),
    })
    database.close()
  })

  test('it can be tried again', async () => {
    const backend = sqliteBackend({ file: folder.path('later/jobs.db') })
    await expect(backend.open()).rejects.toMatchObject({ code: 'not-found' })
    await expect(backend.enqueue([job('a')])).rejects.toMatchObject({ code: 'closed' })
    mkdirSync(folder.path('later'))
    await backend.open()
    await backend.close()
  })
})

test('tables that were dropped by hand are told', async () => {
  const file = folder.path('dropped.db')
  const backend = sqliteBackend({ file })
  await backend.open()
  const other = new DatabaseSync(file)
  other.exec('drop table jobport_jobs')
  other.close()
  await expect(backend.enqueue([job('a')])).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('jobport_jobs'),
  })
  await backend.close()
})

test('a damaged file is told', async () => {
  const file = folder.path('damaged.db')
  const backend = sqliteBackend({ file })
  await backend.open()
  await backend.enqueue(Array.from({ length: 1_000 }, (_, index) => job(`job-${index}`)))
  await backend.close()
  const database = new DatabaseSync(file)
  const { page } = database.prepare("select rootpage as page from sqlite_schema where name = 'jobport_jobs'").get() as {
    page: number
  }
  database.close()
  const raw = openSync(file, 'r+')
  writeSync(raw, Buffer.alloc(64, 0xff), 0, 64, (page - 1) * 4096)
  closeSync(raw)
  await backend.open()
  await expect(backend.claim({ queue: 'work', limit: 1, lease: 1_000, wait: 0 }, signal)).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('integrity_check'),
  })
  await backend.close()
})

describe('options', () => {
  test.each([
    [{}, 'file'],
    [{ file: '' }, 'file'],
    [{ file: 'a.db', database: new DatabaseSync(':memory:') }, 'file'],
    [{ file: 'a.db', synchronous: 'off' }, 'synchronous'],
    [{ file: 'a.db', busyTimeout: -1 }, 'busyTimeout'],
    [{ file: 'a.db', busytimeout: 5 }, 'busytimeout'],
  ])('%j is refused for %s', (options, option) => {
    expect(() => sqliteBackend(options as never)).toThrow(expect.objectContaining({ name: 'OptionError', option }))
  })
})

describe('health', () => {
  test.each([
    [{ file: 'full-sync.db' }, 'fsync', 0],
    [{ file: 'normal-sync.db', synchronous: 'normal' as const }, 'async', 1],
    [{ file: ':memory:' }, 'none', 1],
  ])('%j', async ({ file, ...options }, durability, warnings) => {
    const backend = sqliteBackend({ file: file === ':memory:' ? file : folder.path(file), ...options })
    expect(await backend.health()).toMatchObject({ reachable: false })
    await backend.open()
    const health = await backend.health()
    expect(health).toMatchObject({ reachable: true, durability, version: expect.stringMatching(/^3\./) })
    expect(health.warnings).toHaveLength(warnings)
    await backend.close()
  })
})
