import assert from 'node:assert/strict'
import { defineJob, fixed, handle, linear, RetryLater, Snooze, type, Unrecoverable } from '@jobport/core'
import { chapter, rule } from '../suite/case.ts'
import { company } from '../stage/company.ts'
import type { Stage } from '../stage/stage.ts'
import { returned } from '../stage/settlements.ts'

const failure = (): never => {
  throw new Error('on purpose')
}

/** Both times the worker had begun: that is what it takes to be blamed twice. */
async function crashTwice({ backend, takeOne, time }: Stage<'state'>): Promise<void> {
  const first = await takeOne({ lease: time.unit })
  await backend.report([{ lease: first.lease, begun: true }])
  const second = await takeOne({ lease: time.unit })
  await backend.report([{ lease: second.lease, begun: true }])
  await time.pass(2 * time.unit)
}

export const retry = chapter('B2', 'retries', [
  rule('B2.1', 'a job that fails runs again, and completes', ['results'], async (stage) => {
    const { queue, hire } = company(stage)
    const definition = defineJob('second-time', {
      queue: 'work',
      input: type<number>(),
      output: type<number>(),
      retry: { retries: 3, backoff: fixed(stage.time.unit) },
    })
    await hire([handle(definition, (_, { job }) => (job.attempt === 1 ? failure() : job.attempt))])
    const ticket = await queue.enqueue(definition, 1)
    assert.equal(await stage.time.until(ticket.result(), 'a result'), 2)
    const { failures, attempt, errors } = await stage.record(ticket.id)
    assert.deepEqual([failures, attempt, errors.length], [1, 2, 1])
  }),

  rule('B2.2', 'a job fails 1 + retries times at most, and then is dead', async (stage) => {
    const { queue, hire, seen } = company(stage)
    const definition = defineJob('hopeless', {
      queue: 'work',
      input: type<number>(),
      retry: { retries: 3, backoff: fixed(1) },
    })
    let runs = 0
    const worker = await hire([handle(definition, () => (runs++, failure()))])
    const { dead, failed } = seen(worker)
    const { id } = await queue.enqueue(definition, 1)
    await stage.time.eventually(() => dead.length > 0, 'the death of a job', 40 * stage.time.unit)
    await stage.time.pass(stage.time.unit)
    assert.deepEqual([runs, failed.length, dead], [4, 4, [id]])
  }),

  rule('B2.3', 'without retries the first failure is the death', async (stage) => {
    const { queue, hire, seen } = company(stage)
    const definition = defineJob('one-chance', { queue: 'work', input: type<number>(), retry: { retries: 0 } })
    let runs = 0
    const { dead } = seen(await hire([handle(definition, () => (runs++, failure()))]))
    await queue.enqueue(definition, 1)
    await stage.time.eventually(() => dead.length > 0, 'the death of a job')
    await stage.time.pass(stage.time.unit)
    assert.equal(runs, 1)
  }),

  rule('B2.4', 'a job may have retries of its own', async (stage) => {
    const { queue, hire, seen } = company(stage)
    const definition = defineJob('overridden', {
      queue: 'work',
      input: type<number>(),
      retry: { retries: 9, backoff: fixed(1) },
    })
    let runs = 0
    const { dead } = seen(await hire([handle(definition, () => (runs++, failure()))]))
    await queue.enqueue(definition, 1, { retry: { retries: 1 } })
    await stage.time.eventually(() => dead.length > 0, 'the death of a job', 40 * stage.time.unit)
    assert.equal(runs, 2)
  }),

  rule('B2.5', 'between two attempts the backoff passes', async (stage) => {
    const { time, limits } = stage
    const { queue, hire, seen } = company(stage)
    const definition = defineJob('patient', {
      queue: 'work',
      input: type<number>(),
      retry: { retries: 2, backoff: linear({ initial: time.unit, step: time.unit }) },
    })
    const starts: number[] = []
    const { dead } = seen(await hire([handle(definition, () => (starts.push(time.now()), failure()))]))
    await queue.enqueue(definition, 1)
    await time.eventually(() => dead.length > 0, 'the death of a job', 40 * time.unit)
    const [first, second] = [starts[1]! - starts[0]!, starts[2]! - starts[1]!]
    assert.ok(
      first >= time.unit - limits.tick && second >= 2 * time.unit - limits.tick,
      `the attempts were ${first} and ${second} ms apart`,
    )
  }),

  rule(
    'B2.6',
    'RetryLater says itself when the next attempt comes, and counts as a failure',
    ['state'],
    async (stage) => {
      const { time, limits } = stage
      const { queue, hire, seen } = company(stage)
      const definition = defineJob('later', {
        queue: 'work',
        input: type<number>(),
        retry: { retries: 1, backoff: fixed(1) },
      })
      const starts: number[] = []
      const { dead } = seen(
        await hire([
          handle(definition, () => {
            starts.push(time.now())
            throw new RetryLater(2 * time.unit)
          }),
        ]),
      )
      const { id } = await queue.enqueue(definition, 1)
      await time.eventually(() => dead.length > 0, 'the death of a job')
      assert.ok(
        starts[1]! - starts[0]! >= 2 * time.unit - limits.tick,
        'the retry came before the delay that was asked for',
      )
      assert.deepEqual([starts.length, (await stage.record(id)).state], [2, 'dead'])
    },
  ),

  rule('B2.7', 'Unrecoverable ends a job at once, whatever its retries', async (stage) => {
    const { queue, hire, seen } = company(stage)
    const definition = defineJob('unrecoverable', {
      queue: 'work',
      input: type<number>(),
      retry: { retries: 9, backoff: fixed(1) },
    })
    let runs = 0
    const { dead } = seen(
      await hire([
        handle(definition, () => {
          runs++
          throw new Unrecoverable('no use')
        }),
      ]),
    )
    await queue.enqueue(definition, 1)
    await stage.time.eventually(() => dead.length > 0, 'the death of a job')
    await stage.time.pass(stage.time.unit)
    assert.equal(runs, 1)
  }),

  rule('B2.8', 'Snooze runs the job later and costs no retry, however often', ['state'], async (stage) => {
    const { time } = stage
    const { queue, hire, seen } = company(stage)
    const definition = defineJob('sleepy', { queue: 'work', input: type<number>(), retry: { retries: 0 } })
    const worker = await hire([
      handle(definition, (_, { job }) => {
        if (job.attempt <= 3) throw new Snooze(time.unit)
      }),
    ])
    const { completed, snoozed, failed } = seen(worker)
    const { id } = await queue.enqueue(definition, 1)
    await time.eventually(() => completed.length > 0, 'the completion of a job that snoozed', 40 * time.unit)
    const { attempt, failures, errors } = await stage.record(id)
    assert.deepEqual([snoozed.length, failed.length, attempt, failures, errors], [3, 0, 4, 0, []])
  }),

  rule('B2.9', 'a job that took its workers down too often is dead without running', ['state'], async (stage) => {
    const { time } = stage
    const { hire, seen } = company(stage)
    const definition = defineJob('poison', { queue: 'work', input: type<number>(), retry: { retries: 9 } })
    const { id } = await stage.given({ name: 'poison', payload: '1' })
    await crashTwice(stage)
    let runs = 0
    const { dead } = seen(await hire([handle(definition, () => void runs++)], { maxCrashes: 2 }))
    await time.eventually(() => dead.length > 0, 'the death of a job that crashed twice')
    const { state, crashes, failures, errors } = await stage.record(id)
    assert.deepEqual([runs, state, crashes, failures, errors.length], [0, 'dead', 2, 0, 1])
  }),

  rule('B2.10', 'fewer crashes cost no retry: the job runs as if it were new', ['state'], async (stage) => {
    const { time } = stage
    const { hire, seen } = company(stage)
    const definition = defineJob('survivor', {
      queue: 'work',
      input: type<number>(),
      retry: { retries: 1, backoff: fixed(1) },
    })
    const { id } = await stage.given({ name: 'survivor', payload: '1' })
    await crashTwice(stage)
    let runs = 0
    const { dead } = seen(await hire([handle(definition, () => (runs++, failure()))], { maxCrashes: 3 }))
    await time.eventually(() => dead.length > 0, 'the death of a job', 40 * time.unit)
    const { failures, crashes } = await stage.record(id)
    assert.deepEqual(
      [runs, failures <= 2, crashes],
      [2, true, 2],
      'crashes were taken for failures, or the other way round',
    )
  }),

  rule('B2.11', 'releases cost no retry', ['state'], async (stage) => {
    const { hire, seen } = company(stage)
    const definition = defineJob('released', {
      queue: 'work',
      input: type<number>(),
      retry: { retries: 1, backoff: fixed(1) },
    })
    const { id } = await stage.given({ name: 'released', payload: '1' })
    for (let release = 0; release < 5; release++) await stage.settle(returned(await stage.takeOne()))
    let runs = 0
    const { completed, dead } = seen(await hire([handle(definition, () => void (++runs === 1 && failure()))]))
    await stage.time.eventually(() => completed.length + dead.length > 0, 'the end of a job')
    assert.deepEqual([completed, dead], [[id], []], 'a job that was released five times had no retry left')
  }),

  rule('B2.12', 'a dead job that an operator sends back has all its retries again', ['state'], async (stage) => {
    const { queue, hire, seen } = company(stage)
    const definition = defineJob('again', {
      queue: 'work',
      input: type<number>(),
      retry: { retries: 1, backoff: fixed(1) },
    })
    let runs = 0
    const { dead } = seen(await hire([handle(definition, () => (runs++, failure()))]))
    const { id } = await queue.enqueue(definition, 1)
    await stage.time.eventually(() => dead.length === 1, 'the first death', 40 * stage.time.unit)
    assert.deepEqual(await queue.operate.retry([id]), [true])
    await stage.time.eventually(() => dead.length === 2, 'the second death', 40 * stage.time.unit)
    assert.equal(runs, 4)
  }),

  rule('B2.13', 'a job of a name that nobody knows is left for a worker that does', ['state'], async (stage) => {
    const { queue, hire, seen } = company(stage)
    const [known, strange] = ['known', 'strange'].map((name) =>
      defineJob(name, { queue: 'work', input: type<number>(), retry: { retries: 0 } }),
    )
    const { id } = await queue.enqueue(strange!, 1)
    const ignorant = await hire([handle(known!, () => {})])
    const { unknown } = seen(ignorant)
    await stage.time.eventually(() => unknown.length > 0, 'the news of an unknown job')
    assert.notEqual(await stage.state(id), 'dead')
    // Which of two that wait gets it next is chance.
    await ignorant.close()
    const { completed } = seen(await hire([handle(strange!, () => {})]))
    await stage.time.eventually(() => completed.includes(id), 'the completion by a worker that knows the job', 40_000)
    assert.equal((await stage.record(id)).failures, 0)
  }),

  rule('B2.14', 'or is dead, where the worker is told so', ['state'], async (stage) => {
    const { queue, hire, seen } = company(stage)
    const [known, strange] = ['known', 'strange'].map((name) =>
      defineJob(name, { queue: 'work', input: type<number>() }),
    )
    const { id } = await queue.enqueue(strange!, 1)
    const { dead } = seen(await hire([handle(known!, () => {})], { unknownJobs: 'dead' }))
    await stage.time.eventually(() => dead.length > 0, 'the death of an unknown job')
    assert.equal(await stage.state(id), 'dead')
  }),

  rule('B2.15', 'a backoff may be a function of the failures and the error', async (stage) => {
    const { time, limits } = stage
    const { queue, hire, seen } = company(stage)
    const asked: unknown[] = []
    const definition = defineJob('computed', {
      queue: 'work',
      input: type<number>(),
      retry: {
        retries: 2,
        backoff: ({ failures, error }) => {
          asked.push([failures, (error as Error).message])
          return failures * time.unit
        },
      },
    })
    const starts: number[] = []
    const { dead } = seen(await hire([handle(definition, () => (starts.push(time.now()), failure()))]))
    await queue.enqueue(definition, 1)
    await time.eventually(() => dead.length > 0, 'the death of a job', 40 * time.unit)
    assert.deepEqual(asked.slice(0, 2), [
      [1, 'on purpose'],
      [2, 'on purpose'],
    ])
    assert.ok(starts[2]! - starts[1]! >= 2 * time.unit - limits.tick, 'the delay that was computed did not pass')
  }),
])
