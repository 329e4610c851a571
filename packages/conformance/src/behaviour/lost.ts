import assert from 'node:assert/strict'
import { BackendError, handle, JobCancelledError, LeaseLostError } from '@jobport/core'
import type { Backend, Ms } from '@jobport/core/adapter'
import { rule, type Case } from '../suite/case.ts'
import { aborted, company, gate, waits } from '../stage/company.ts'
import type { Stage } from '../stage/stage.ts'
import { wrap } from '../stage/wrap.ts'

export const losing: readonly Case[] = [
  rule('B3.10', 'a job that runs longer than its lease keeps it: nobody else gets it', ['state'], async (stage) => {
    const { time } = stage
    const { queue, hire, seen } = company(stage)
    const lease = keptLease(stage)
    const { opened, open } = gate()
    let runs = 0
    const slow = handle(waits, async () => {
      runs++
      await opened
    })
    const workers = [await hire([slow], { lease }), await hire([slow], { lease })]
    const completed = workers.map((each) => seen(each).completed)
    await queue.enqueue(waits, 1)
    await time.eventually(() => runs === 1, 'a running handler')
    for (let passed = 0; passed < 2 * lease; passed += time.unit) await time.pass(time.unit)
    open()
    await time.eventually(() => completed.flat().length === 1, 'a completion')
    assert.equal(runs, 1, 'a job that is worked on was given to another worker')
  }),

  rule('B3.11', 'a lease that is lost aborts the signal, and the outcome changes nothing', ['state'], async (stage) => {
    const { time, backend } = stage
    const { queue, hire, seen } = company(stage)
    const deaf = wrap(backend as Backend, { extend: async (leases) => leases.map(() => 'lost' as const) })
    let reason: unknown
    const loser = await hire(
      [
        handle(waits, async (_, { signal, job }) => {
          if (job.attempt > 1) return
          await aborted(signal)
          reason = signal.reason
        }),
      ],
      { on: deaf, lease: 3 * time.unit },
    )
    const { lost, completed } = seen(loser)
    const { id } = await queue.enqueue(waits, 1)
    await time.eventually(() => lost.length > 0, 'the news of a lost lease')
    assert.ok(reason instanceof LeaseLostError, `the signal aborted with ${String(reason)}`)
    assert.deepEqual([lost, completed], [[id], []])
  }),

  rule('B3.12', 'cancelling a running job reaches its handler', ['state'], async (stage) => {
    const { time } = stage
    const { queue, hire, seen } = company(stage)
    let reason: unknown
    const { cancelled } = seen(
      await hire(
        [
          handle(waits, async (_, { signal }) => {
            await aborted(signal)
            reason = signal.reason
            throw reason
          }),
        ],
        { lease: keptLease(stage) },
      ),
    )
    const ticket = await queue.enqueue(waits, 1)
    await time.eventually(async () => (await ticket.status()) === 'active', 'a running job')
    assert.equal(await ticket.cancel(), 'requested')
    await time.eventually(() => cancelled.length > 0, 'the cancellation of a running job')
    assert.ok(reason instanceof JobCancelledError, `the signal aborted with ${String(reason)}`)
    assert.equal(await ticket.status(), 'cancelled')
  }),

  rule('B3.13', 'a running job that completes although it was asked to stop is completed', ['state'], async (stage) => {
    const { time } = stage
    const { queue, hire } = company(stage)
    const { opened, open } = gate()
    await hire([handle(waits, () => opened)], { lease: keptLease(stage) })
    const ticket = await queue.enqueue(waits, 1)
    await time.eventually(async () => (await ticket.status()) === 'active', 'a running job')
    assert.equal(await ticket.cancel(), 'requested')
    open()
    await time.eventually(async () => !['active', 'waiting'].includes(await ticket.status()), 'the end of the job')
    assert.equal(await ticket.status(), 'completed')
  }),

  rule(
    'B3.14',
    'a job that was asked to stop and comes back is cancelled without running',
    ['state'],
    async (stage) => {
      const { time } = stage
      const { queue, hire, seen } = company(stage)
      const ticket = await queue.enqueue(waits, 1)
      await stage.takeOne({ lease: time.unit })
      await ticket.cancel()
      await time.pass(2 * time.unit)
      let runs = 0
      const { cancelled } = seen(await hire([handle(waits, () => void runs++)]))
      await time.eventually(() => cancelled.length > 0, 'the cancellation')
      assert.deepEqual([runs, await ticket.status()], [0, 'cancelled'])
    },
  ),

  rule('B3.20', 'when every third reply is lost every job still ends once', ['state'], async (stage) => {
    const { time } = stage
    const { queueOn, hire, queue } = company(stage)
    const lossy = losesReplies(stage.backend as Backend, 3)
    const troubles: unknown[] = []
    let runs = 0
    const counts = handle(waits, () => void runs++)
    await hire([counts], { on: lossy, troubles, lease: 20 * time.unit, concurrency: 5 })
    const lossyQueue = queueOn(lossy)
    for (let input = 0; input < 30; input++)
      await time.until(lossyQueue.enqueue(waits, input), 'an enqueue whose reply may be lost', 60_000)
    await time.eventually(
      async () => (await queue.inspect.counts('work')).completed === 30,
      'thirty completions',
      400 * time.unit,
    )
    const { waiting, active, dead, scheduled } = await queue.inspect.counts('work')
    assert.deepEqual({ waiting, active, dead, scheduled }, { waiting: 0, active: 0, dead: 0, scheduled: 0 })
    assert.ok(runs >= 30)
  }),

  rule(
    'B3.21',
    'an enqueue whose reply was lost makes one job, and its ticket is no duplicate',
    ['state'],
    async (stage) => {
      const { queueOn } = company(stage)
      const ticket = await stage.time.until(
        queueOn(losesReplies(stage.backend as Backend, 1, 1)).enqueue(waits, 1),
        'a repeated enqueue',
      )
      assert.equal(ticket.duplicate, false)
      assert.equal((await stage.takeOne()).lease.id, ticket.id)
      await stage.nothing('a repeated enqueue made two jobs')
    },
  ),
]

/** Two heartbeats may be as far apart as a busy machine makes them. */
function keptLease({ time, limits }: Pick<Stage, 'time' | 'limits'>): Ms {
  return Math.max(6 * time.unit, limits.tick, time.virtual ? 0 : 2_000)
}

/** The server does what it is asked to, and of every n-th call (or the first few) the reply is lost. */
function losesReplies(backend: Backend, every: number, most = Infinity): Backend {
  let calls = 0
  let lost = 0
  const lossy =
    <Given extends unknown[], Reply>(verb: (...given: Given) => Promise<Reply>) =>
    async (...given: Given): Promise<Reply> => {
      const reply = await verb.apply(backend, given)
      if (++calls % every > 0 || lost >= most) return reply
      lost++
      throw new BackendError('unavailable', backend.name, 'the reply was lost, on purpose')
    }
  const { exchange } = backend
  return wrap(backend, {
    enqueue: lossy(backend.enqueue),
    settle: lossy(backend.settle),
    extend: lossy(backend.extend),
    ...(exchange && { exchange: lossy(exchange) }),
  })
}
