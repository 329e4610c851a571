import assert from 'node:assert/strict'
import { defineJob, fixed, handle, type } from '@jobport/core'
import type { NotifyRule } from '@jobport/core'
import { createNotificationWorker, NOTIFICATION_QUEUE, type Notification } from '@jobport/core/notify'
import type { Backend, ClaimedJob } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import { company } from '../stage/company.ts'
import type { Stage } from '../stage/stage.ts'

const admins = { role: 'admins' }
const everyone: readonly NotifyRule[] = [
  { on: 'dead', to: admins },
  { on: 'finished', to: (job) => (job.headers['user'] === undefined ? undefined : { user: job.headers['user'] }) },
]

const told = defineJob('told', {
  queue: 'work',
  input: type<string>(),
  output: type<string>(),
  retry: { retries: 1, backoff: fixed(1) },
  notify: everyone,
})

const does = handle(told, (what) => {
  if (what === 'die') throw new TypeError('on purpose')
  return what
})

export const notify = chapter('B6', 'notifications', [
  rule('B6.1', 'a completion is told to whom the rules say, once, with the result', async (stage) => {
    const { queue, hire } = company(stage)
    await hire([does])
    const { id } = await queue.enqueue(told, 'fine', { headers: { user: '42' } })
    const [notification, ...more] = await notifications(stage, 1)
    assert.deepEqual(more, [])
    assert.deepEqual(
      [notification!.event, notification!.to, notification!.job.id, notification!.result],
      ['completed', { user: '42' }, id, 'fine'],
    )
    assert.equal(notification!.job.headers['user'], '42')
  }),

  rule('B6.2', 'a death is told to all whom the rules say, once each, with the error', async (stage) => {
    const { queue, hire } = company(stage)
    await hire([does])
    const { id } = await queue.enqueue(told, 'die', { headers: { user: '42' } })
    const both = await notifications(stage, 2)
    assert.deepEqual(both.flatMap(({ to }) => Object.keys(to)).toSorted(), ['role', 'user'])
    for (const notification of both) {
      assert.deepEqual(
        [notification.event, notification.job.id, notification.error?.name, notification.error?.message],
        ['dead', id, 'TypeError', 'on purpose'],
      )
    }
  }),

  rule('B6.3', 'a retry is told to nobody, nor a job without rules', ['state'], async (stage) => {
    const { queue, hire, seen } = company(stage)
    const silent = defineJob('silent', { queue: 'work', input: type<string>(), retry: { retries: 0 } })
    const second = handle(told, (what, { job }) => {
      if (job.attempt === 1) throw new Error('on purpose')
      return what
    })
    const { completed } = seen(await hire([second, handle(silent, () => {})]))
    await queue.enqueue(told, 'fine')
    await queue.enqueue(silent, 'fine')
    await stage.time.eventually(() => completed.length === 2, 'two completions', 40 * stage.time.unit)
    await stage.nothing('somebody was told of a retry, or without a rule', { queue: NOTIFICATION_QUEUE })
  }),

  rule('B6.4', 'a cancellation by ticket is told', ['state'], async (stage) => {
    const { queue } = company(stage)
    const ticket = await queue.enqueue(told, 'fine', { headers: { user: '42' } })
    await ticket.cancel()
    const [notification] = await notifications(stage, 1)
    assert.deepEqual([notification!.event, notification!.job.id], ['cancelled', ticket.id])
  }),

  rule('B6.5', 'a death without a run is told as well: crashed too often, or unreadable', ['state'], async (stage) => {
    const { time } = stage
    const { hire } = company(stage)
    const crashed = await stage.given({ name: 'told', payload: '"fine"' })
    await stage.takeOne({ lease: time.unit })
    await time.pass(2 * time.unit)
    const unreadable = await stage.given({ name: 'told', payload: '{' })
    await hire([does], { maxCrashes: 1 })
    const both = await notifications(stage, 2)
    assert.deepEqual(both.map(({ job }) => job.id).toSorted(), [crashed.id, unreadable.id].toSorted())
    assert.deepEqual(
      both.map(({ event }) => event),
      ['dead', 'dead'],
    )
  }),

  rule('B6.6', 'the id of a notification is made of job, event and recipient', async (stage) => {
    const { queue, hire } = company(stage)
    await hire([does])
    for (const id of ['a', 'b']) await queue.enqueue(told, 'die', { id, headers: { user: '42' } })
    const all = await notifications(stage, 4)
    assert.equal(new Set(all.map(({ id }) => id)).size, 4)
    for (const { id, job } of all) assert.ok(id.startsWith(`${job.id}:dead:`), id)
  }),

  rule('B6.7', 'after a redrive the second outcome is news of its own', ['state'], async (stage) => {
    const { queue, hire } = company(stage)
    await hire([does])
    const { id } = await queue.enqueue(told, 'die')
    const [first] = await notifications(stage, 1)
    await queue.operate.retry([id])
    const [second] = await notifications(stage, 1)
    assert.notEqual(first!.id, second!.id)
  }),

  rule(
    'B6.8',
    'several recipients get one each, a rule that throws is skipped, and the outcome stands',
    ['state'],
    async (stage) => {
      const { queue, hire } = company(stage)
      const definition = defineJob('rules', {
        queue: 'work',
        input: type<number>(),
        notify: [
          {
            on: 'completed',
            to: () => {
              throw new Error('a rule that throws, on purpose')
            },
          },
          { on: 'completed', to: [{ user: '1' }, { user: '2' }, { user: '1' }] },
          { on: 'dead', to: { user: '3' } },
        ],
      })
      const troubles: unknown[] = []
      await hire([handle(definition, () => {})], { troubles })
      const { id } = await queue.enqueue(definition, 1)
      const both = await notifications(stage, 2)
      assert.deepEqual(both.map(({ to }) => String(to['user'])).toSorted(), ['1', '2'])
      assert.equal(await stage.state(id), 'completed')
      assert.equal(troubles.length, 1, 'a rule that throws must be reported')
    },
  ),

  rule('B6.9', 'a notifier delivers each once, and a failing one fails no job', ['state'], async (stage) => {
    const { time, harness, backend } = stage
    const { queue, hire } = company(stage)
    await hire([does])
    const delivered: string[] = []
    let tries = 0
    const notifier = createNotificationWorker(
      backend as Backend,
      ({ to }) => {
        if (++tries === 1) throw new Error('a channel that fails, on purpose')
        delivered.push(JSON.stringify(to))
      },
      harness.clock === undefined ? {} : { runtime: { clock: harness.clock } },
    )
    stage.onStrike(() => time.until(notifier.close({ grace: 0 }), 'closing the notifier', 60_000))
    await notifier.start()
    const { id } = await queue.enqueue(told, 'die', { headers: { user: '42' } })
    await time.eventually(() => delivered.length === 2, 'two deliveries', 60_000)
    await time.pass(time.unit)
    assert.deepEqual(delivered.toSorted(), ['{"role":"admins"}', '{"user":"42"}'])
    const { state, failures } = await stage.record(id)
    assert.deepEqual([state, failures <= 2], ['dead', true])
  }),

  rule(
    'B6.10',
    'when the outcome can be read the notification is there',
    ['state', 'atomicFollowUps', 'two instances'],
    async (stage) => {
      const { time } = stage
      const { queue, hire } = company(stage)
      const other = await stage.another()
      let there: boolean | undefined
      await other.inspect.watch(([finished]) => {
        if (finished?.queue !== 'work') return
        void other.inspect.counts(NOTIFICATION_QUEUE).then(({ waiting }) => (there ??= waiting > 0))
      })
      await hire([does])
      await queue.enqueue(told, 'fine', { headers: { user: '42' } })
      await time.eventually(() => there !== undefined, 'the news of a completion')
      assert.equal(there, true, 'the outcome was there before its notification')
    },
  ),

  rule('B6.11', 'what happens to a notification is told to nobody', ['state'], async (stage) => {
    const { time } = stage
    const { queue, hire } = company(stage)
    await hire([does])
    await queue.enqueue(told, 'fine', { headers: { user: '42' } })
    await stage.time.eventually(
      async () => (await queue.inspect.counts(NOTIFICATION_QUEUE)).waiting === 1,
      'a notification',
    )
    const { jobs } = await queue.inspect.list({ queue: NOTIFICATION_QUEUE, state: 'waiting', limit: 5 })
    await queue.operate.cancel(jobs.map(({ id }) => ({ id, keep: 3_600_000 })))
    await time.pass(time.unit)
    assert.deepEqual((await queue.inspect.list({ queue: NOTIFICATION_QUEUE, state: 'waiting', limit: 5 })).jobs, [])
  }),
])

async function notifications({ take, settle }: Pick<Stage, 'take' | 'settle'>, count: number): Promise<Notification[]> {
  const held: readonly ClaimedJob[] = await take(count, { queue: NOTIFICATION_QUEUE })
  await settle(...held.map(({ lease }) => ({ lease, to: 'completed' as const, keep: 0 })))
  return held.map(({ payload }) => JSON.parse(payload) as Notification)
}
