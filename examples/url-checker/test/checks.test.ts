import { createQueue, createWorker, handle, memoryBackend, Unrecoverable } from '@jobport/core'
import { createLog } from '@jobport/example-service'
import { createNotifier } from '@jobport/notifier'
import { expect, it, onTestFinished } from 'vitest'
import { deadChecks } from '../src/checker/dead-checks.ts'
import { Checks } from '../src/checks/checks.ts'
import { createPool } from '../src/checks/pool.ts'
import { urlCheck } from '../src/jobs.ts'
import type { Report } from '../src/report/report.ts'
import { settings } from './service.ts'

const found: Report = {
  outcome: 'answered',
  status: 200,
  ms: 12.3,
  hops: [],
  title: 'It’s “fine” \ufffd 😀',
  certificate: null,
  error: null,
}

async function table() {
  const { POSTGRES_URL = '', NAMESPACE = '' } = settings()
  const pool = createPool(POSTGRES_URL, createLog({ service: 'test', environment: 'test', level: 'silent' }))
  onTestFinished(async () => {
    await pool.query(`drop schema if exists ${NAMESPACE} cascade`)
    await pool.end()
  })
  const checks = new Checks(pool, NAMESPACE)
  // As services that start at the same time do.
  await Promise.all([checks.prepare(), checks.prepare(), checks.prepare()])
  const add = (id: string, report = found, keepDays = 30) =>
    checks.add({ id, url: `https://${id}.example/`, submittedAt: new Date('2026-01-01T00:00:00Z'), report }, keepDays)
  const age = (days: number) =>
    pool.query(`update ${NAMESPACE}.checks set finished_at = finished_at - make_interval(days => $1)`, [days])
  return { checks, add, age }
}

it('a check that is stored twice, because its job ran twice, stays as it was', async () => {
  const { checks, add } = await table()
  await add('a')
  await add('a', { ...found, status: 500 })
  expect(await checks.page({ limit: 10 })).toMatchObject({
    checks: [{ id: 'a', url: 'https://a.example/', submittedAt: '2026-01-01T00:00:00.000Z', ...found }],
    next: null,
    total: 1,
  })
})

it('checks leave when they are old, as fast as new ones come', async () => {
  const { checks, add, age } = await table()
  for (const id of ['a', 'b', 'c']) await add(id)
  await age(31)
  await add('d')
  expect((await checks.page({ limit: 10 })).checks.map(({ id }) => id)).toEqual(['d', 'c'])
  await add('e')
  expect((await checks.page({ limit: 10 })).checks.map(({ id }) => id)).toEqual(['e', 'd'])
  await add('f')
  expect((await checks.page({ limit: 10 })).total).toBe(3)
})

it('a check that is given up is told as one that failed', async () => {
  const { checks } = await table()
  const backend = memoryBackend()
  const worker = createWorker(backend, [
    handle(urlCheck, () => {
      throw new Unrecoverable('the password is hunter2')
    }),
  ])
  const notifier = createNotifier(backend, { channels: { checks: deadChecks(checks, 30) } })
  const queue = createQueue(backend)
  onTestFinished(async () => {
    for (const each of [worker, notifier, queue, backend]) await each.close()
  })
  const delivered = new Promise((resolve) => notifier.once('delivered', resolve))
  await Promise.all([worker.start(), notifier.start()])
  const { id } = await queue.enqueue(urlCheck, { url: 'https://a.example/' })
  await delivered
  const page = await checks.page({ limit: 10, outcome: 'failed' })
  expect(page).toMatchObject({ checks: [{ id, url: 'https://a.example/', error: { code: 'gave-up' } }], total: 1 })
  expect(JSON.stringify(page)).not.toContain('hunter2')
})
