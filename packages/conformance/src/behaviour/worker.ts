import assert from 'node:assert/strict'
import {
  BackendError,
  defineJob,
  fixed,
  handle,
  handleMany,
  JobCancelledError,
  LeaseLostError,
  ShutdownError,
  type,
} from '@jobport/core'
import type { Backend } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import { aborted, company, double, doubles, gate } from '../stage/company.ts'
import { wrap } from '../stage/wrap.ts'

const waits = defineJob('waits', { queue: 'work', input: type<number>(), retry: { retries: 0 } })

export const worker = chapter('B3', 'workers', [
  rule('B3.1', 'no more handlers run at the same time than the concurrency says, and as many do', async (stage) => {
    const { queue, hire, seen } = company(stage)
    const [running, most] = [new Set<number>(), { yet: 0 }]
    const all = gate()
    const busy = handle(waits, async (input) => {
      running.add(input)
      most.yet = Math.max(most.yet, running.size)
      if (running.size === 7) all.open()
      await all.opened
      await new Promise((resolve) => setImmediate(resolve))
      running.delete(input)
    })
    const { completed } = seen(await hire([busy], { concurrency: 7 }))
    await queue.enqueueMany(
      waits,
      Array.from({ length: 60 }, (_, input) => ({ input })),
    )
    await stage.time.eventually(() => completed.length === 60, 'sixty completions', 60_000)
    assert.equal(most.yet, 7)
    assert.equal(new Set(completed).size, 60, 'a job completed twice')
  }),

  rule('B3.2', 'the concurrency can be raised and lowered while the worker runs', async (stage) => {
    const { queue, hire } = company(stage)
    const gates: (() => void)[] = []
    const held = await hire([handle(waits, () => new Promise<void>((resolve) => void gates.push(resolve)))], {
      concurrency: 2,
    })
    await queue.enqueueMany(
      waits,
      Array.from({ length: 12 }, (_, input) => ({ input })),
    )
    await stage.time.eventually(() => gates.length === 2, 'two running handlers')
    held.concurrency = 5
    await stage.time.eventually(() => gates.length === 5, 'five running handlers')
    held.concurrency = 1
    for (let ended = 0; ended < 4; ended++) gates.shift()!()
    await stage.time.eventually(() => held.running === 1, 'the end of four handlers')
    await stage.time.pass(stage.time.unit)
    assert.equal(held.running, 1, 'a worker that was told to run one handler runs more')
    gates.shift()!()
    await stage.time.eventually(() => gates.length === 1, 'the next handler')
    for (let ended = 0; ended < 7; ended++) {
      await stage.time.eventually(() => gates.length > 0, 'the next handler')
      gates.shift()!()
    }
  }),

  rule('B3.3', 'a paused worker starts nothing and leaves the jobs to others', async (stage) => {
    const { queue, hire, seen } = company(stage)
    const paused = await hire([doubles])
    const { started } = seen(paused)
    paused.pause()
    await queue.enqueue(double, 1)
    const { completed } = seen(await hire([doubles]))
    await stage.time.eventually(() => completed.length === 1, 'the completion by another worker')
    assert.deepEqual(started, [])
  }),

  rule('B3.4', 'a paused worker goes on when it is resumed', async (stage) => {
    const { queue, hire, seen } = company(stage)
    const paused = await hire([doubles])
    const { completed } = seen(paused)
    paused.pause()
    await queue.enqueue(double, 1)
    await stage.time.pass(stage.time.unit)
    assert.deepEqual(completed, [])
    paused.resume()
    await stage.time.eventually(() => completed.length === 1, 'a completion after resume')
  }),

  rule('B3.5', 'closing gracefully lets handlers finish, and stores their outcome', ['state'], async (stage) => {
    const { queue, hire } = company(stage)
    const { opened, open } = gate()
    let signalled = false
    const closing = await hire([
      handle(waits, async (_, { signal }) => {
        await opened
        signalled = signal.aborted
      }),
    ])
    const { id } = await queue.enqueue(waits, 1)
    await stage.time.eventually(() => closing.running === 1, 'a running handler')
    const closed = closing.close({ grace: 60_000 })
    open()
    await stage.time.until(closed, 'closing gracefully')
    assert.deepEqual([signalled, await stage.state(id)], [false, 'completed'])
  }),

  rule('B3.6', 'closing gives back at once what was not started, and it costs no failure', ['state'], async (stage) => {
    const { queue, hire } = company(stage)
    const { opened, open } = gate()
    const closing = await hire([handle(waits, () => opened)], { concurrency: 1, claimAhead: 10 })
    await queue.enqueueMany(
      waits,
      Array.from({ length: 8 }, (_, input) => ({ input })),
    )
    await stage.time.eventually(() => closing.running === 1, 'a running handler')
    const closed = closing.close({ grace: 60_000 })
    await stage.time.eventually(
      async () => (await queue.inspect.counts('work')).waiting === 7,
      'the return of what was not started',
    )
    open()
    await stage.time.until(closed, 'closing gracefully')
    const { waiting, active, completed, dead } = await queue.inspect.counts('work')
    assert.deepEqual({ waiting, active, completed, dead }, { waiting: 7, active: 0, completed: 1, dead: 0 })
    for (const held of await stage.take(7)) assert.deepEqual([held.failures, held.crashes], [0, 0])
  }),

  rule(
    'B3.7',
    'closing without grace aborts the handlers, and their jobs go back unharmed',
    ['state'],
    async (stage) => {
      const { queue, hire } = company(stage)
      let reason: unknown
      const closing = await hire([
        handle(waits, async (_, { signal }) => {
          await aborted(signal)
          reason = signal.reason
          throw reason
        }),
      ])
      const { id } = await queue.enqueue(waits, 1)
      await stage.time.eventually(() => closing.running === 1, 'a running handler')
      await stage.time.until(closing.close({ grace: 0 }), 'closing at once')
      assert.ok(reason instanceof ShutdownError, `the signal aborted with ${String(reason)}`)
      const { state, failures, crashes } = await stage.record(id)
      assert.deepEqual([state, failures, crashes], ['waiting', 0, 0])
    },
  ),

  rule('B3.8', 'closing comes to an end although a handler ignores its signal', async (stage) => {
    const { queue, hire } = company(stage)
    const closing = await hire([handle(waits, () => new Promise(() => {}))])
    await queue.enqueue(waits, 1)
    await stage.time.eventually(() => closing.running === 1, 'a running handler')
    await stage.time.until(closing.close({ grace: 0 }), 'closing with a stubborn handler', 60_000)
    assert.equal((await stage.takeOne()).failures, 0)
  }),

  rule('B3.9', 'closing again hastens, and closing an idle or unused worker is quick', async (stage) => {
    const { queue, hire } = company(stage)
    const idle = await hire([doubles])
    await stage.time.until(Promise.all([idle.close(), idle.close()]), 'closing an idle worker')
    const stubborn = await hire([handle(waits, async (_, { signal }) => aborted(signal))])
    await queue.enqueue(waits, 1)
    await stage.time.eventually(() => stubborn.running === 1, 'a running handler')
    const closed = stubborn.close({ grace: 3_600_000 })
    void stubborn.close({ grace: 0 })
    await stage.time.until(closed, 'closing in haste', 60_000)
  }),

  rule('B3.10', 'a job that runs longer than its lease keeps it: nobody else gets it', ['state'], async (stage) => {
    const { time, limits } = stage
    const { queue, hire, seen } = company(stage)
    const lease = Math.max(4 * time.unit, limits.tick)
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
    for (let step = 0; step < 12; step++) await time.pass(time.unit)
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
        { lease: 6 * time.unit },
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
    await hire([handle(waits, () => opened)], { lease: 6 * time.unit })
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

  rule('B3.15', 'several workers share the jobs, each runs once', ['two instances'], async (stage) => {
    const { queue, hire } = company(stage)
    const other = (await stage.another()) as Backend
    const runs: number[] = []
    const counts = handle(waits, (input) => void runs.push(input))
    for (const on of [stage.backend as Backend, other, stage.backend as Backend])
      await hire([counts], { on, concurrency: 5 })
    await queue.enqueueMany(
      waits,
      Array.from({ length: 100 }, (_, input) => ({ input })),
    )
    await stage.time.eventually(() => runs.length >= 100, 'a hundred runs', 60_000)
    await stage.time.pass(stage.time.unit)
    assert.equal(new Set(runs).size, runs.length, 'a job ran twice')
  }),

  rule('B3.16', 'a worker serves all queues of its handlers', async (stage) => {
    const { queue, hire } = company(stage)
    const ran: string[] = []
    const definitions = ['a', 'b', 'c'].map((name) =>
      defineJob(name, { queue: `queue-${name}`, input: type<number>() }),
    )
    await hire(definitions.map((definition) => handle(definition, () => void ran.push(definition.name))))
    for (const definition of definitions) await queue.enqueue(definition, 1)
    await stage.time.eventually(() => ran.length === 3, 'a job of each queue')
    assert.deepEqual(ran.toSorted(), ['a', 'b', 'c'])
  }),

  rule('B3.17', 'the rate limit holds', async (stage) => {
    const { time } = stage
    const { queue, hire } = company(stage)
    const starts: number[] = []
    await hire([handle(waits, () => void starts.push(time.now()))], { rateLimit: { limit: 2, per: 2 * time.unit } })
    await queue.enqueueMany(
      waits,
      Array.from({ length: 6 }, (_, input) => ({ input })),
    )
    await time.eventually(() => starts.length === 6, 'six starts', 60 * time.unit)
    for (let index = 2; index < 6; index++) {
      const apart = starts[index]! - starts[index - 2]!
      assert.ok(
        apart >= 2 * time.unit - 20,
        `three jobs started within ${apart} ms; two were allowed within ${2 * time.unit}`,
      )
    }
  }),

  rule('B3.18', 'a handler of many gets them together, and completes each', ['results'], async (stage) => {
    const { queue, hire } = company(stage)
    const definition = defineJob('many', {
      queue: 'work',
      input: type<number>(),
      output: type<number>(),
      retry: { retries: 0 },
    })
    const sizes: number[] = []
    const receipts = await queue.enqueueMany(
      definition,
      Array.from({ length: 10 }, (_, input) => ({ input })),
    )
    await hire([
      handleMany(
        definition,
        (jobs) => {
          sizes.push(jobs.length)
          return jobs.map(({ input }) => (input === 3 ? new Error('three fails') : input * 2))
        },
        { size: 5 },
      ),
    ])
    for (const [input, receipt] of receipts.entries()) {
      assert.ok(receipt.status === 'enqueued')
      const result = stage.time.until(receipt.ticket.result(), 'a result')
      if (input === 3) await assert.rejects(result, /three fails/)
      else assert.equal(await result, input * 2)
    }
    assert.ok(Math.max(...sizes) <= 5, `a batch of ${Math.max(...sizes)} jobs, at most 5 were asked for`)
  }),

  rule('B3.19', 'a handler of many that throws fails them all', ['state'], async (stage) => {
    const { queue, hire, seen } = company(stage)
    const definition = defineJob('many', { queue: 'work', input: type<number>(), retry: { retries: 0 } })
    const { dead } = seen(
      await hire([
        handleMany(definition, () => {
          throw new Error('all of them')
        }),
      ]),
    )
    await queue.enqueueMany(
      definition,
      Array.from({ length: 4 }, (_, input) => ({ input })),
    )
    await stage.time.eventually(() => dead.length === 4, 'four deaths')
  }),

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

  rule('B3.22', 'a failing job does not hold those behind it', async (stage) => {
    const { queue, hire, seen } = company(stage)
    const definition = defineJob('fails', {
      queue: 'work',
      input: type<number>(),
      retry: { retries: 3, backoff: fixed(600_000) },
    })
    const { completed } = seen(
      await hire(
        [
          handle(definition, () => {
            throw new Error('on purpose')
          }),
          doubles,
        ],
        { concurrency: 1 },
      ),
    )
    await queue.enqueue(definition, 1)
    const { id } = await queue.enqueue(double, 1)
    await stage.time.eventually(() => completed.includes(id), 'the job behind one that failed')
  }),

  rule('B3.23', 'a worker says when it is idle', async (stage) => {
    const { queue, hire } = company(stage)
    const done: number[] = []
    const worker = await hire([handle(waits, (input) => void done.push(input))])
    let idles = 0
    worker.on('idle', () => idles++)
    await queue.enqueueMany(
      waits,
      Array.from({ length: 5 }, (_, input) => ({ input })),
    )
    await stage.time.eventually(() => done.length === 5 && worker.isIdle && idles > 0, 'the worker being idle', 60_000)
    assert.deepEqual([worker.running, worker.ready], [0, 0])
  }),

  rule(
    'B3.24',
    'jobs of a group run one at a time and in order, on several workers',
    ['group', 'two instances'],
    async (stage) => {
      const { queue, hire } = company(stage)
      const other = (await stage.another()) as Backend
      const [running, done] = [new Set<string>(), [] as number[]]
      const grouped = handle(waits, async (input, { job }) => {
        assert.equal(running.size, 0, `job ${job.id} runs beside ${[...running].join()}`)
        running.add(job.id)
        await new Promise((resolve) => setImmediate(resolve))
        running.delete(job.id)
        done.push(input)
      })
      for (const on of [stage.backend as Backend, other]) await hire([grouped], { on, concurrency: 4 })
      await queue.enqueueMany(
        waits,
        Array.from({ length: 12 }, (_, input) => ({ input, options: { group: 'g' } })),
      )
      await stage.time.eventually(() => done.length === 12, 'twelve jobs of one group', 100 * stage.time.unit)
      assert.deepEqual(
        done,
        Array.from({ length: 12 }, (_, input) => input),
      )
    },
  ),
])

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
