import { createQueue, defineJob, fixed, handle, RetryLater, Snooze, type, Unrecoverable } from '@jobport/core'
import { testJobs } from '@jobport/core/testing'
import { describe, expect, it } from 'vitest'

const greet = defineJob('greet', { input: type<{ to: string }>(), output: type<string>() })
const flaky = defineJob('flaky', {
  input: type<number>(),
  retry: { retries: 2, backoff: fixed('1m') },
  notify: [
    { on: 'dead', to: { role: 'admins' } },
    { on: 'finished', to: (job) => ({ user: job.headers['user'] ?? 'nobody' }) },
  ],
})

describe('testJobs', () => {
  it('runs what is due and what follows from it', async () => {
    const shout = defineJob('shout', { input: type<string>() })
    const heard: string[] = []
    const pipeline = greet.followedBy(shout, (greeting) => greeting.toUpperCase())
    await using jobs = testJobs([
      handle(pipeline, ({ to }) => `hello ${to}`),
      handle(shout, (text) => void heard.push(text)),
    ])
    const ticket = await jobs.queue.enqueue(pipeline, { to: 'ada' })
    const ran = await jobs.runDue()
    expect(heard).toEqual(['HELLO ADA'])
    expect(ran.completed.map(({ name }) => name)).toEqual(['greet', 'shout'])
    expect(jobs.enqueued(shout)).toMatchObject([{ input: 'HELLO ADA', delay: 0 }])
    await expect(ticket.result()).resolves.toBe('hello ada')
  })

  it('waits for handlers that do real work', async () => {
    await using jobs = testJobs([
      handle(greet, ({ to }) => new Promise((resolve) => setTimeout(() => resolve(to), 20))),
    ])
    await jobs.queue.enqueue(greet, { to: 'ada' })
    expect((await jobs.runDue()).completed).toHaveLength(1)
  })

  it('leaves delayed jobs until their time', async () => {
    await using jobs = testJobs([handle(greet, ({ to }) => to)])
    await jobs.queue.enqueue(greet, { to: 'ada' }, { delay: '1h' })
    expect((await jobs.advance('59m')).completed).toHaveLength(0)
    expect((await jobs.advance('1m')).completed).toHaveLength(1)
  })

  it('retries by the policy, then tells administrators and the user', async () => {
    const at: number[] = []
    await using jobs = testJobs([
      handle(flaky, () => {
        at.push(jobs.clock.now())
        throw new Error('no')
      }),
    ])
    const ticket = await jobs.queue.enqueue(flaky, 1, { headers: { user: '42' } })
    const ran = await jobs.advance('10m')
    expect(at).toEqual([0, 60_000, 120_000])
    expect(ran.failed.map(({ retryIn }) => retryIn)).toEqual([60_000, 60_000, undefined])
    expect(ran.dead).toHaveLength(1)
    expect(await ticket.status()).toBe('dead')
    expect(jobs.notifications()).toMatchObject([
      { event: 'dead', to: { role: 'admins' }, error: { message: 'no' } },
      { event: 'dead', to: { user: '42' } },
    ])
  })

  it('knows errors that say what to do', async () => {
    const thrown: unknown[] = [new Snooze('2h'), new RetryLater('3h'), new Unrecoverable('never')]
    const at: number[] = []
    await using jobs = testJobs([
      handle(flaky, () => {
        at.push(jobs.clock.now())
        throw thrown[at.length - 1]
      }),
    ])
    await jobs.queue.enqueue(flaky, 1)
    const ran = await jobs.advance('1d')
    expect(at).toEqual([0, 7_200_000, 18_000_000])
    expect(ran.failed.map(({ failures }) => failures)).toEqual([0, 1])
    expect(ran.dead).toHaveLength(1)
  })

  it('lets a hanging handler time out', async () => {
    const slow = defineJob('slow', { input: type<null>(), timeout: '30s', retry: { retries: 0 } })
    const reasons: unknown[] = []
    await using jobs = testJobs(
      [
        handle(
          slow,
          (_, { signal }) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => {
                reasons.push(signal.reason)
                reject(new Error('stopped'))
              })
            }),
        ),
      ],
      { patience: 10 },
    )
    await jobs.queue.enqueue(slow, null)
    const ran = await jobs.advance('31s')
    expect(reasons).toMatchObject([{ code: 'job-timeout' }])
    expect(ran.dead).toMatchObject([{ error: { code: 'job-timeout' } }])
  })

  it('serves code that makes its own queue of the backend', async () => {
    await using jobs = testJobs([handle(greet, ({ to }) => to)])
    await createQueue(jobs.backend).enqueue(greet, { to: 'bob' })
    expect(jobs.enqueued(greet)).toHaveLength(1)
  })
})
