import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { Connection } from '../src/connection/connection.ts'
import { migrate, versionOf } from '../src/connection/migrate.ts'
import { sqliteBackend } from '../src/index.ts'
import schema1 from '../src/sql/schema-1.sql'
import { startChild } from './child.ts'
import { temporaryFolder } from './folder.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

test('several processes that open a new file at once make the tables once', async () => {
  const children = Array.from({ length: 3 }, () => startChild('open-on-order'))
  await Promise.all(children.map((child) => child.next('ready')))
  for (let round = 0; round < 5; round++) {
    const file = folder.path(`race-${round}.db`)
    for (const child of children) child.process.stdin!.write(`${file}\n`)
    const answers = await Promise.all(children.map((child) => child.next('opened')))
    expect(answers).toEqual(children.map(() => [{ status: 'enqueued' }]))
    const database = new DatabaseSync(file, { timeout: 5_000 })
    expect(versionOf(new Connection(database))).toBe(1)
    database.close()
  }
  for (const child of children) child.process.stdin!.end()
  expect(await Promise.all(children.map(({ exited }) => exited))).toEqual([0, 0, 0])
}, 120_000)

test('tables of a newer version are refused, and left as they are', async () => {
  const file = folder.path('newer.db')
  const backend = sqliteBackend({ file })
  await backend.open()
  await backend.close()
  const database = new DatabaseSync(file)
  database.exec("update jobport_meta set value = 99 where key = 'schema'")
  await expect(backend.open()).rejects.toMatchObject({
    name: 'BackendError',
    code: 'unsupported',
    backend: 'sqlite',
    outcome: 'none',
    message: expect.stringContaining('version 99'),
  })
  expect(versionOf(new Connection(database))).toBe(99)
  database.exec("update jobport_meta set value = 1 where key = 'schema'")
  database.close()
  await backend.open()
  await backend.close()
})

test('the tables of the application and its user_version stay as they are', async () => {
  const file = folder.path('shared.db')
  const database = new DatabaseSync(file)
  database.exec('pragma user_version = 7; create table orders (id integer primary key); insert into orders values (1)')
  const backend = sqliteBackend({ file })
  await backend.open()
  expect(await backend.enqueue([{ id: 'a', queue: 'q', name: 'n', payload: '1', headers: {} }])).toEqual([
    { status: 'enqueued' },
  ])
  await backend.close()
  expect(database.prepare('select count(*) as rows from orders').get()).toEqual({ rows: 1 })
  expect(database.prepare('pragma user_version').get()).toEqual({ user_version: 7 })
  database.close()
})

test('an older version is brought to the newest, step by step and once', () => {
  const on = new Connection(new DatabaseSync(':memory:'))
  migrate(on, [schema1])
  expect(versionOf(on)).toBe(1)
  const steps = [
    schema1,
    'alter table jobport_notes add column second text',
    'alter table jobport_notes add column third text',
  ]
  migrate(on, steps)
  migrate(on, steps)
  expect(versionOf(on)).toBe(3)
  expect(() => migrate(on, [schema1])).toThrow(/version 3/)
})
