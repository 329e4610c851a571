import assert from 'node:assert/strict'
import { defineJob, fixed, handle, type } from '@jobport/core'
import type { Backend } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import { company } from '../stage/company.ts'
import { counted } from '../stage/wrap.ts'

const once = { retry: { retries: 0 } } as const
const publish = defineJob('publish', { ...once, queue: 'next', input: type<{ path: string }>() })
const render = defineJob('render', { ...once, queue: 'work', input: type<string>(), output: type<string>() })
const pipeline = render.followedBy(publish, (path) => (path === 'nothing' ? undefined : { path }))

const step = (name: string): ReturnType<typeof defineJob<string, string, string, string>> =>
  defineJob(name, { ...once, queue: 'work', input: type<string>(), output: type<string>() })

export const chain = chapter('B5', 'chains', [
  rule('B5.1', 'a completion enqueues what follows, with the input made of the output', async (stage) => {
    const { queue, hire } = company(stage)
    await hire([handle(pipeline, (name) => `${name}.png`)])
    await queue.enqueue(pipeline, 'picture')
    const next = await stage.takeOne({ queue: 'next' })
    assert.deepEqual([next.name, next.payload], ['publish', '{"path":"picture.png"}'])
    await stage.nothing('one completion enqueued several jobs', { queue: 'next' })
  }),

  rule('B5.2', 'nothing follows where the map gives nothing, nor a death', ['state'], async (stage) => {
    const { queue, hire, seen } = company(stage)
    const worker = await hire([
      handle(pipeline, (name) => {
        if (name === 'dead') throw new Error('on purpose')
        return name
      }),
    ])
    const { completed, dead } = seen(worker)
    await queue.enqueue(pipeline, 'nothing')
    await queue.enqueue(pipeline, 'dead')
    await stage.time.eventually(() => completed.length + dead.length === 2, 'the end of two jobs')
    await stage.nothing('a job followed that should not', { queue: 'next' })
  }),

  rule('B5.3', 'a chain may have many links, and forks', ['state'], async (stage) => {
    const { queue, hire } = company(stage)
    const steps: string[] = []
    const [last, fork] = [step('last'), step('fork')]
    const middle = step('middle').followedBy(last, (text) => `${text} middle`)
    const first = step('first')
      .followedBy(middle, (text) => `${text} first`)
      .followedBy(fork, (text) => `${text} first`)
    await hire(
      [first, middle, last, fork].map((definition) =>
        handle(definition, (text) => (steps.push(`${text} ${definition.name}`), text)),
      ),
    )
    await queue.enqueue(first, 'go')
    await stage.time.eventually(() => steps.length === 4, 'four links of a chain')
    assert.deepEqual(steps.toSorted(), ['go first', 'go first fork', 'go first middle', 'go first middle last'])
  }),

  rule('B5.4', 'what a handler adds follows its completion, and only that', async (stage) => {
    const { queue, hire, seen } = company(stage)
    const adds = defineJob('adds', { queue: 'work', input: type<number>(), retry: { retries: 1, backoff: fixed(1) } })
    const { completed } = seen(
      await hire([
        handle(adds, (_, { job, followUp }) => {
          followUp(publish, { path: `attempt ${job.attempt}` })
          if (job.attempt === 1) throw new Error('on purpose')
        }),
      ]),
    )
    await queue.enqueue(adds, 1)
    await stage.time.eventually(() => completed.length === 1, 'a completion', 40 * stage.time.unit)
    assert.equal((await stage.takeOne({ queue: 'next' })).payload, '{"path":"attempt 2"}')
    await stage.nothing('an attempt that failed left its follow-up', { queue: 'next' })
  }),

  rule('B5.5', 'a completion that is settled again brings no second follower', ['state'], async (stage) => {
    const { queue, hire, seen } = company(stage)
    const { time } = stage
    let runs = 0
    const worker = await hire([handle(pipeline, () => `run ${++runs}`)])
    const { completed } = seen(worker)
    const { id } = await queue.enqueue(pipeline, 'x')
    await time.eventually(() => completed.length === 1, 'a completion')
    assert.deepEqual(await queue.operate.retry([id]), [true])
    await time.eventually(() => completed.length === 2, 'the completion after a redrive')
    const followers = await stage.take(2, { queue: 'next' })
    assert.equal(new Set(followers.map(({ payload }) => payload)).size, 2, 'a redrive is news of its own')
    await stage.nothing('there are more followers than completions', { queue: 'next' })
  }),

  rule('B5.6', 'outcome and follower leave in one call', ['atomicFollowUps'], async (stage) => {
    const { queue, hire, seen } = company(stage)
    const { backend, calls } = counted(stage.backend as Backend)
    const { completed } = seen(await hire([handle(pipeline, (name) => name)], { on: backend }))
    await queue.enqueue(pipeline, 'x')
    await stage.time.eventually(() => completed.length === 1, 'a completion')
    assert.equal(calls['enqueue'], 0, 'a follower was enqueued apart from the outcome')
  }),
])
