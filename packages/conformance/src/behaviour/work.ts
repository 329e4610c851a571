import assert from 'node:assert/strict'
import { defineJob, fixed, handle, handleMany, type } from '@jobport/core'
import type { Backend } from '@jobport/core/adapter'
import { rule, type Case } from '../suite/case.ts'
import { company, double, doubles, gate, waits } from '../stage/company.ts'

export const working: readonly Case[] = [
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
    await hire([handle(waits, () => void starts.push(time.now()))], { rateLimit: { limit: 2, per: 4 * time.unit } })
    await queue.enqueueMany(
      waits,
      Array.from({ length: 6 }, (_, input) => ({ input })),
    )
    await time.eventually(() => starts.length === 6, 'six starts', 60 * time.unit)
    for (let index = 2; index < 6; index++) {
      const apart = starts[index]! - starts[index - 2]!
      assert.ok(
        // A job begins when its thread has its turn, which may be a little after it was let through.
        apart >= 3 * time.unit,
        `three jobs started within ${apart} ms; two were allowed within ${4 * time.unit}`,
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
]
