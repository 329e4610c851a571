import assert from 'node:assert/strict'
import {
  BackendError,
  defineJob,
  handle,
  JobCancelledError,
  JobNotFoundError,
  OptionError,
  ResultTimeoutError,
  type,
} from '@jobport/core'
import type { Backend } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import { company, double, doubles, gate } from '../stage/company.ts'
import { completed } from '../stage/settlements.ts'
import { counted, wrap } from '../stage/wrap.ts'

const text = defineJob('text', { queue: 'work', input: type<string>() })

export const queue = chapter('B4', 'queues and tickets', [
  rule('B4.1', 'a ticket tells the state of its job from the enqueue to the end', ['state'], async (stage) => {
    const { queue, hire } = company(stage)
    const { opened, open } = gate()
    const definition = defineJob('held', { queue: 'work', input: type<number>() })
    const ticket = await queue.enqueue(definition, 1)
    assert.equal(await ticket.status(), 'waiting')
    await hire([handle(definition, () => opened)])
    await stage.time.eventually(async () => (await ticket.status()) === 'active', 'the job being active')
    open()
    await stage.time.eventually(async () => (await ticket.status()) === 'completed', 'the job being completed')
    assert.equal(await queue.ticket(definition, 'unknown').status(), 'unknown')
  }),

  rule(
    'B4.2',
    'a result can be had before and after the job has finished, and by another process',
    ['results', 'two instances'],
    async (stage) => {
      const { queue, queueOn, hire } = company(stage)
      const elsewhere = queueOn((await stage.another()) as Backend)
      const ticket = await queue.enqueue(double, 4)
      const waiting = [ticket.result(), elsewhere.ticket(double, ticket.id).result()]
      await hire([doubles])
      assert.deepEqual(await stage.time.until(Promise.all(waiting), 'two results'), [8, 8])
      assert.equal(await stage.time.until(elsewhere.ticket(double, ticket.id).result(), 'a result again'), 8)
    },
  ),

  rule('B4.3', 'waiting for a result ends with its timeout, and with its signal', ['state'], async (stage) => {
    const { queue } = company(stage)
    const ticket = await queue.enqueue(double, 4)
    await assert.rejects(
      stage.time.until(ticket.result({ timeout: stage.time.unit }), 'the end of waiting'),
      ResultTimeoutError,
    )
    const abort = new AbortController()
    const waiting = ticket.result({ signal: abort.signal })
    abort.abort(new Error('enough'))
    await assert.rejects(stage.time.until(waiting, 'the end of waiting', 2 * stage.time.unit), /enough/)
    assert.equal(await ticket.status(), 'waiting', 'the job itself must go on')
  }),

  rule('B4.4', 'the result of a cancelled and of an unknown job says so', ['state'], async (stage) => {
    const { queue } = company(stage)
    const ticket = await queue.enqueue(double, 4)
    assert.equal(await ticket.cancel(), 'cancelled')
    await assert.rejects(stage.time.until(ticket.result(), 'a result'), JobCancelledError)
    await assert.rejects(stage.time.until(queue.ticket(double, 'unknown').result(), 'a result'), JobNotFoundError)
    await stage.nothing('a cancelled job can be claimed')
  }),

  rule('B4.5', "an id of one's own makes the enqueue idempotent", ['results'], async (stage) => {
    const { queue, hire } = company(stage)
    const first = await queue.enqueue(double, 4, { id: 'order-1' })
    const second = await queue.enqueue(double, 5, { id: 'order-1' })
    assert.deepEqual([first.duplicate, second.duplicate, second.id], [false, true, 'order-1'])
    await hire([doubles])
    assert.deepEqual(await stage.time.until(Promise.all([first.result(), second.result()]), 'two results'), [8, 8])
  }),

  rule(
    'B4.6',
    'a duplicate by unique key gives the ticket and the result of the first',
    ['unique', 'results'],
    async (stage) => {
      const { queue, hire } = company(stage)
      const first = await queue.enqueue(double, 4, { unique: { key: 'user-1' } })
      const second = await queue.enqueue(double, 5, { unique: { key: 'user-1' } })
      assert.deepEqual([first.duplicate, second.duplicate, second.id], [false, true, first.id])
      await hire([doubles])
      assert.equal(await stage.time.until(second.result(), 'the result of a duplicate'), 8)
    },
  ),

  rule(
    'B4.7',
    'within its window the duplicate of a finished job gives its result too',
    ['unique', 'results'],
    async (stage) => {
      const { queue, hire } = company(stage)
      const definition = defineJob('brief', {
        queue: 'work',
        input: type<number>(),
        output: type<number>(),
        keep: stage.time.unit,
      })
      await hire([handle(definition, (input) => input * 2)])
      const options = { unique: { key: 'user-1', within: 50 * stage.time.unit } }
      const first = await queue.enqueue(definition, 4, options)
      await stage.time.until(first.result(), 'a result')
      await stage.time.pass(2 * stage.time.unit)
      const second = await queue.enqueue(definition, 5, options)
      assert.deepEqual(
        [second.duplicate, await stage.time.until(second.result(), 'the result of a duplicate')],
        [true, 8],
      )
    },
  ),

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
    await Promise.all(
      Array.from({ length: Math.min(100, stage.limits.enqueueBatch) }, (_, input) => queue.enqueue(double, input)),
    )
    assert.ok(calls['enqueue']! <= 2, `a hundred jobs enqueued in one turn made ${calls['enqueue']} calls`)
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

  rule(
    'B4.19',
    'a job enqueued in a transaction runs if and only if that commits',
    ['transactions', 'transaction'],
    async (stage) => {
      const { queue, hire, seen } = company(stage)
      const { completed } = seen(await hire([doubles]))
      const rolledBack = stage.harness.transaction!(stage.backend as Backend, async (tx) => {
        await queue.within(tx).enqueue(double, 1)
        throw new Error('the caller rolls back')
      })
      await assert.rejects(rolledBack)
      let id: string | undefined
      await stage.harness.transaction!(stage.backend as Backend, async (tx) => {
        id = (await queue.within(tx).enqueue(double, 2)).id
      })
      await stage.time.eventually(() => completed.length > 0, 'the completion of a committed job')
      await stage.time.pass(stage.time.unit)
      assert.deepEqual(completed, [id])
    },
  ),

  rule(
    'B4.20',
    'a job completed in a transaction is completed if and only if that commits',
    ['transactions', 'transaction', 'state'],
    async (stage) => {
      const { queue, hire, seen } = company(stage)
      const effect = defineJob('effect', { queue: 'effects', input: type<number>() })
      const definition = defineJob('both', {
        queue: 'work',
        input: type<number>(),
        retry: { retries: 1, backoff: { kind: 'fixed', initial: 1, jitter: 0 } },
      })
      const { completed, failed } = seen(
        await hire([
          handle(definition, async (_, { job }) =>
            stage.harness.transaction!(stage.backend as Backend, async (tx) => {
              await queue.within(tx).enqueue(effect, job.attempt)
              await job.complete(tx)
              if (job.attempt === 1) throw new Error('the caller rolls back')
            }),
          ),
        ]),
      )
      const { id } = await queue.enqueue(definition, 1)
      await stage.time.eventually(
        async () => (await stage.state(id)) === 'completed',
        'a completion inside a transaction',
        40 * stage.time.unit,
      )
      await stage.time.eventually(() => completed.length === 1, 'the news of a completion')
      assert.equal(failed.length, 1)
      assert.equal(
        (await stage.takeOne({ queue: 'effects' })).payload,
        '2',
        'the effect of the attempt that was rolled back is there',
      )
      await stage.nothing('there are two effects of one completion', { queue: 'effects' })
    },
  ),

  rule(
    'B4.21',
    'an attempt that lost its job cannot complete it in a transaction, and its effect rolls back',
    ['transactions', 'transaction', 'state'],
    async (stage) => {
      const { time } = stage
      const { queue, hire } = company(stage)
      const definition = defineJob('fenced', { queue: 'work', input: type<number>(), retry: { retries: 0 } })
      const { opened, open } = gate()
      const mute = wrap(stage.backend as Backend, { extend: async (leases) => leases.map(() => 'applied' as const) })
      let outcome: unknown
      await hire(
        [
          handle(definition, async (_, { job }) => {
            await opened
            outcome = await stage.harness.transaction!(stage.backend as Backend, async (tx) => {
              await stage.backend.within(tx).enqueue([stage.job({ queue: 'effects' })])
              await job.complete(tx)
            }).then(
              () => 'committed',
              (error: unknown) => error,
            )
            throw outcome
          }),
        ],
        { on: mute, lease: 2 * time.unit, concurrency: 1, claimAhead: 0, troubles: [] },
      )
      const { id } = await queue.enqueue(definition, 1)
      await time.eventually(async () => (await stage.state(id)) === 'active', 'a running job')
      await time.pass(3 * time.unit)
      const [taken] = await stage.claim()
      open()
      await time.eventually(() => outcome !== undefined, 'the end of a transaction')
      assert.equal((outcome as Error).name, 'LeaseLostError')
      await stage.nothing('the effect of an attempt that lost its lease is there', { queue: 'effects' })
      assert.equal(taken?.lease.id, id)
    },
  ),
])

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
