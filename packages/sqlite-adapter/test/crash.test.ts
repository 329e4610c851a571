import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, expect, test } from 'vitest'
import { sqliteBackend } from '../src/index.ts'
import { startChild, type Child } from './child.ts'
import { temporaryFolder } from './folder.ts'

const folder = temporaryFolder()
const children: Child[] = []
const start = (...args: [string, ...string[]]): Child => {
  const child = startChild(...args)
  children.push(child)
  return child
}
afterEach(async () => void (await Promise.all(children.splice(0).map((child) => child.kill()))))
afterAll(() => folder.remove())

const { signal } = new AbortController()

test('killed at any moment, nothing accepted is lost, nothing is settled twice, and the file is whole', async () => {
  const file = folder.path('crash.db')
  const accepted: string[] = []
  const settled: [id: string, token: string, answer: string][] = []
  for (let round = 0; round < 6; round++) {
    const [producer, worker] = [start('produce', file), start('work', file)]
    // At another point of their work each time, not at another time of the day.
    for (let line = 0; line <= round * 3; line++) await producer.next('accepted')
    await producer.kill()
    for (let line = 0; line <= round * 2; line++) await worker.next('settled')
    await worker.kill()
    accepted.push(...producer.said('accepted').flat())
    settled.push(...worker.said('settled').flat())
  }

  const backend = sqliteBackend({ file })
  await backend.open()
  for (;;) {
    const jobs = await backend.claim({ queue: 'work', limit: 100, lease: 10_000, wait: 2_000 }, signal)
    if (jobs.length === 0) break
    const answers = await backend.settle(jobs.map(({ lease }) => ({ lease, to: 'completed', keep: 3_600_000 })))
    settled.push(
      ...jobs.map(({ lease }, index): [string, string, string] => [lease.id, lease.token, String(answers[index])]),
    )
  }
  const records = []
  for (let from = 0; from < accepted.length; from += 500)
    records.push(...(await backend.inspect.find(accepted.slice(from, from + 500))))
  expect(records.filter((record) => record?.state !== 'completed')).toEqual([])

  const applied = settled.filter(([, , answer]) => answer === 'applied')
  expect(new Set(applied.map(([id]) => id)).size).toBe(applied.length)
  // A result tells which attempt decided, and so does the answer that its worker got.
  const tokens = new Map(applied.map(([id, token]) => [id, token]))
  const decided = records.filter((record) => record?.result !== undefined && tokens.has(record.id))
  expect(decided.map((record) => JSON.parse(record!.result!))).toEqual(decided.map((record) => tokens.get(record!.id)))
  // The completion and its follower are one write.
  const followed = await backend.inspect.find(
    records.filter((record) => record?.result !== undefined).map((record) => `after-${record!.id}`),
  )
  expect(followed.filter((record) => record === undefined)).toEqual([])
  const counts = await backend.inspect.counts('work')
  expect(counts).toMatchObject({ waiting: 0, scheduled: 0, active: 0, dead: 0 })
  expect(counts.completed).toBeGreaterThanOrEqual(accepted.length)
  await backend.close()

  const database = new DatabaseSync(file)
  expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  database.close()
}, 180_000)
