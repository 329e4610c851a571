import { BackendError, type Enqueued, type Mover, type NewJob } from '@jobport/core/adapter'
import { expect, it } from 'vitest'
import { LineWatch } from './line-watch.ts'

const away = new BackendError('unavailable', 'sqs', 'away')
const denied = new BackendError('denied', 'sqs', 'denied')
const jobs = ['sum2', 'mult3'].map((queue): NewJob => ({
  id: `${queue}-1`,
  queue,
  name: queue,
  payload: '{}',
  headers: {},
}))
const claim = (broker: Mover, queue: string) =>
  broker.claim({ queue, limit: 1, lease: 1_000, wait: 0 }, AbortSignal.timeout(5_000))

const nothing = async (): Promise<readonly Enqueued[]> => []

/** A broker that answers what it is told to. */
function stage() {
  let now = 0
  let answer = nothing
  const broker: Pick<Mover, 'enqueue' | 'claim'> = { enqueue: () => answer(), claim: async () => (await answer(), []) }
  const lines = new LineWatch(() => now)
  return {
    lines,
    watched: lines.watch(broker as Mover),
    answers: (next: typeof answer) => (answer = next),
    pass: (ms: number) => (now += ms),
  }
}

it('a queue is down from a receive that fails until one that succeeds', async () => {
  const { lines, watched, answers } = stage()
  answers(() => Promise.reject(away))
  await expect(claim(watched, 'sum2')).rejects.toBe(away)
  expect([lines.isDown('sum2'), lines.isDown('mult3')]).toEqual([true, false])
  answers(async () => [])
  await claim(watched, 'sum2')
  expect(lines.isDown('sum2')).toBe(false)
})

it('tells the queues of one batch apart', async () => {
  const { lines, watched, answers } = stage()
  answers(async () => [{ status: 'enqueued' }, { status: 'refused', error: denied }])
  await watched.enqueue(jobs)
  expect([lines.isDown('sum2'), lines.isDown('mult3')]).toEqual([false, true])
})

it.each([
  ['is too large', new BackendError('too-large', 'sqs', 'too large')],
  ['could not be sent for a reason that passes', away],
])('takes a message that %s for what it is', async (_, error) => {
  const { lines, watched, answers } = stage()
  answers(async () => jobs.map(() => ({ status: 'refused', error })))
  await watched.enqueue(jobs)
  expect(lines.isDown('sum2')).toBe(false)
})

it('forgets a failure when nothing was tried for a minute', async () => {
  const { lines, watched, answers, pass } = stage()
  answers(async () => jobs.map(() => ({ status: 'refused', error: denied })))
  await watched.enqueue(jobs)
  pass(59_000)
  expect(lines.isDown('sum2')).toBe(true)
  pass(2_000)
  expect(lines.isDown('sum2')).toBe(false)
})
