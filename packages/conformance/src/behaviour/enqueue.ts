import assert from 'node:assert/strict'
import { BackendError, defineJob, OptionError, type } from '@jobport/core'
import type { Backend } from '@jobport/core/adapter'
import { rule, type Case } from '../suite/case.ts'
import { company, double } from '../stage/company.ts'
import { completed } from '../stage/settlements.ts'
import { counted, wrap } from '../stage/wrap.ts'

const text = defineJob('text', { queue: 'work', input: type<string>() })

export const enqueuing: readonly Case[] = [
  rule('B4.8', 'enqueueMany answers each job, and a refused one does not stop the others', ['state'], async (stage) => {
    const { queue } = company(stage)
    const definition = defineJob('mixed', { queue: 'work', input: type<unknown>() })
    const receipts = await queue.enqueueMany(definition, [
      { input: 1, options: { id: 'a' } },
      { input: Number.NaN },
      { input: 2, options: { id: 'a' } },
      { input: 3, options: { id: 'not an id' } },
      { input: 4 },
    ])
    assert.deepEqual(
      receipts.map(({ status }) => status),
      ['enqueued', 'refused', 'duplicate', 'refused', 'enqueued'],
    )
    assert.deepEqual((await stage.take(2)).map(({ payload }) => payload).toSorted(), ['1', '4'])
    await stage.nothing('a refused job was enqueued')
  }),

  rule('B4.9', 'more jobs than the backend takes at once are split', async (stage) => {
    const { queueOn } = company(stage)
    const { backend, sizes } = narrow(stage.backend as Backend, 10)
    await queueOn(backend).enqueueMany(
      double,
      Array.from({ length: 25 }, (_, input) => ({ input })),
    )
    assert.ok(Math.max(...sizes) <= 10, `a batch of ${Math.max(...sizes)} jobs went to a backend that takes 10`)
    await stage.take(25)
  }),

  rule('B4.10', 'a payload at the limit is taken, one byte more is refused before it goes anywhere', async (stage) => {
    const { queueOn } = company(stage)
    const bytes = Math.min(stage.limits.payloadBytes, 4_096)
    const { backend, calls } = counted(
      wrap(stage.backend as Backend, { limits: { ...stage.limits, payloadBytes: bytes } }),
    )
    const narrow = queueOn(backend)
    await narrow.enqueue(text, 'p'.repeat(bytes - 2))
    await assert.rejects(
      narrow.enqueue(text, 'p'.repeat(bytes - 1)),
      (error) => error instanceof BackendError && error.code === 'too-large',
    )
    await assert.rejects(
      narrow.enqueue(text, '漢'.repeat(Math.floor(bytes / 3))),
      (error) => error instanceof BackendError && error.code === 'too-large',
    )
    assert.equal(calls['enqueue'], 1, 'a payload that is too large went to the backend')
    await stage.takeOne()
  }),

  rule(
    'B4.11',
    'delays and priorities at the limit are taken, beyond it refused before they go anywhere',
    ['delay', 'priority'],
    async (stage) => {
      const { queueOn } = company(stage)
      const limits = { ...stage.limits, delay: 10_000, priorities: 2 }
      const { backend, calls } = counted(wrap(stage.backend as Backend, { limits }))
      const narrow = queueOn(backend)
      await narrow.enqueue(text, '', { delay: 10_000, priority: 1 })
      for (const options of [
        { delay: 10_001 },
        { priority: 2 },
        { priority: -1 },
        { priority: 0.5 },
        { delay: -1 },
        { delay: Number.NaN },
      ]) {
        await assert.rejects(narrow.enqueue(text, '', options), OptionError, JSON.stringify(options))
      }
      assert.equal(calls['enqueue'], 1, 'an option beyond the limits went to the backend')
    },
  ),

  rule(
    'B4.12',
    'names, ids, headers, keys and groups that cannot be are refused before they go anywhere',
    ['unique', 'group'],
    async (stage) => {
      const { queueOn } = company(stage)
      const { backend, calls } = counted(stage.backend as Backend)
      const queue = queueOn(backend)
      const bad: readonly object[] = [
        { id: '' },
        { id: 'a b' },
        { id: 'ä' },
        { id: 'a'.repeat(200) },
        { headers: { 'Upper-Case': '' } },
        { headers: { nul: 'a\0b' } },
        { headers: { lone: '\ud800' } },
        { unique: { key: '' } },
        { unique: { key: 'a\0b' } },
        { unique: { key: '\udfff' } },
        { group: '' },
        { group: 'a\0b' },
        { grup: 'a' },
        { unique: { key: 'a', within: '5 lightyears' } },
      ]
      for (const options of bad)
        await assert.rejects(queue.enqueue(text, '', options), OptionError, JSON.stringify(options))
      for (const name of ['', 'a b', 'ä', 'a/b', 'a'.repeat(81), 'jobport.mine'])
        assert.throws(() => defineJob(name, { input: type<string>() }), OptionError, name)
      assert.equal(calls['enqueue'], 0, 'an option that is not usable went to the backend')
    },
  ),

  rule('B4.13', 'jobs enqueued at the same time leave together', async (stage) => {
    const { queueOn } = company(stage)
    const { backend, calls } = counted(stage.backend as Backend)
    const queue = queueOn(backend)
    const count = Math.min(100, stage.limits.enqueueBatch)
    await Promise.all(Array.from({ length: count }, (_, input) => queue.enqueue(double, input)))
    const pieces = Math.ceil(count / (backend.enqueueSpread?.jobs ?? count))
    assert.ok(calls['enqueue']! <= 1 + pieces, `${count} jobs enqueued in one turn made ${calls['enqueue']} calls`)
  }),

  rule('B4.14', 'jobs enqueued one after the other, without waiting, keep their order', ['fifo'], async (stage) => {
    const { queueOn } = company(stage)
    const { backend } = narrow(stage.backend as Backend, 7)
    const queue = queueOn(backend)
    await Promise.all(Array.from({ length: 40 }, (_, input) => queue.enqueue(double, input)))
    const payloads = (await stage.take(40)).map(({ payload }) => Number(payload))
    assert.deepEqual(
      payloads,
      Array.from({ length: 40 }, (_, input) => input),
    )
  }),

  rule(
    'B4.15',
    'delay, priority and group do through the queue what they do below',
    ['delay', 'priority', 'group'],
    async (stage) => {
      const { queue } = company(stage)
      await queue.enqueue(text, 'later', { delay: 600_000 })
      await queue.enqueue(text, 'first of group', { group: 'g' })
      await queue.enqueue(text, 'second of group', { group: 'g' })
      await queue.enqueue(text, 'urgent', { priority: 1 })
      const order = (await stage.take(2)).map(({ payload }) => JSON.parse(payload) as string)
      assert.deepEqual(order, ['urgent', 'first of group'])
      await stage.nothing('a delayed job, or the second of a group, was claimed')
    },
  ),

  rule('B4.16', 'a closed queue refuses more, and what was on its way is stored', async (stage) => {
    const { queueOn } = company(stage)
    const closing = queueOn(stage.backend as Backend)
    const last = closing.enqueue(text, 'last')
    await stage.time.until(closing.close(), 'closing the queue')
    await last
    await assert.rejects(closing.enqueue(text, 'too late'))
    await stage.takeOne()
    await stage.nothing('a closed queue enqueued a job')
  }),

  rule('B4.17', 'a queue opens its backend by itself', async (stage) => {
    const { queueOn } = company(stage)
    const unopened = await stage.unopened()
    await queueOn(unopened).enqueue(text, 'first')
    await stage.takeOne({ by: unopened })
  }),

  rule('B4.18', 'ten schedulers and one key a tick make one job a tick', ['unique', 'two instances'], async (stage) => {
    const { time } = stage
    const { queueOn } = company(stage)
    const schedulers = await Promise.all(
      Array.from({ length: 10 }, async () => queueOn((await stage.another()) as Backend)),
    )
    for (let tick = 0; tick < 3; tick++) {
      const options = { unique: { key: `nightly:${tick}`, within: 600_000 } }
      const tickets = await Promise.all(schedulers.map((scheduler) => scheduler.enqueue(text, `tick ${tick}`, options)))
      assert.equal(
        tickets.filter(({ duplicate }) => !duplicate).length,
        1,
        'ten schedulers made several jobs of one tick',
      )
      await stage.settle(completed(await stage.takeOne()))
      const late = await schedulers[tick]!.enqueue(text, `tick ${tick}`, options)
      assert.equal(late.duplicate, true, 'a scheduler that came late made a second job of one tick')
      await time.pass(time.unit)
    }
    await stage.nothing('there are more jobs than ticks')
  }),
]

/** A backend that takes few jobs at once, and how many it was given. */
function narrow(backend: Backend, enqueueBatch: number): { readonly backend: Backend; readonly sizes: number[] } {
  const sizes: number[] = []
  const members: Partial<Backend> = {
    limits: { ...backend.limits, enqueueBatch: Math.min(enqueueBatch, backend.limits.enqueueBatch) },
    enqueue: (jobs) => {
      sizes.push(jobs.length)
      return backend.enqueue(jobs)
    },
  }
  return { backend: wrap(backend, members), sizes }
}
