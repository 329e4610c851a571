import assert from 'node:assert/strict'
import { handle } from '@jobport/core'
import type { Backend } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import { company, double, doubles } from '../stage/company.ts'
import { counted } from '../stage/wrap.ts'

/** How few calls core makes. What a call costs below is tried in F1. */
export const coreCost = chapter('F2', 'calls', [
  rule('F2.1', 'enqueuing 100 jobs is one call, or one for each piece that the backend wants', async (stage) => {
    const { queueOn } = company(stage)
    const { backend, calls } = counted(stage.backend as Backend)
    const count = Math.min(100, stage.limits.enqueueBatch)
    await queueOn(backend).enqueueMany(
      double,
      Array.from({ length: count }, (_, input) => ({ input })),
    )
    const pieces = Math.ceil(count / (backend.enqueueSpread?.jobs ?? count))
    assert.ok(calls['enqueue']! <= pieces, `enqueueMany(${count}) made ${calls['enqueue']} calls`)
  }),

  rule('F2.2', 'working off 100 jobs at concurrency 100 takes a handful of calls', async (stage) => {
    const { queue, hire, seen } = company(stage)
    const { backend, calls } = counted(stage.backend as Backend)
    await queue.enqueueMany(
      double,
      Array.from({ length: 100 }, (_, input) => ({ input })),
    )
    const { completed } = seen(await hire([doubles], { on: backend, concurrency: 100 }))
    await stage.time.eventually(() => completed.length === 100, 'a hundred completions', 60_000)
    const { claim, exchange, settle, extend } = calls as Record<'claim' | 'exchange' | 'settle' | 'extend', number>
    const batches = Math.ceil(100 / Math.min(stage.limits.claimBatch, stage.limits.settleBatch))
    assert.ok(
      claim + exchange + settle <= 10 * batches,
      `100 jobs took ${claim} claims, ${settle} settles, ${exchange} exchanges`,
    )
    assert.equal(extend, 0, 'jobs that end at once need no heartbeat')
  }),

  rule('F2.3', 'an idle worker asks seldom', async (stage) => {
    const { time } = stage
    const { hire } = company(stage)
    const { backend, calls } = counted(stage.backend as Backend)
    await hire([handle(double, (input) => input)], { on: backend })
    await time.pass(2 * time.unit)
    const before = calls['claim']!
    await time.pass(5 * time.unit)
    assert.ok(
      calls['claim']! - before <= 1,
      `an idle worker claimed ${calls['claim']! - before} times in ${5 * time.unit} ms`,
    )
  }),

  rule('F2.4', 'progress and log lines of one turn leave together', ['state'], async (stage) => {
    const { queue, hire, seen } = company(stage)
    const { backend, calls } = counted(stage.backend as Backend)
    const talks = handle(double, (input, { log, progress }) => {
      for (let line = 0; line < 10; line++) log(`line ${line}`)
      progress(1)
      return input
    })
    const { completed } = seen(await hire([talks], { on: backend }))
    await queue.enqueue(double, 1)
    await stage.time.eventually(() => completed.length === 1, 'a completion')
    assert.ok(calls['report']! <= 2, `eleven reports of one handler made ${calls['report']} calls`)
  }),
])
