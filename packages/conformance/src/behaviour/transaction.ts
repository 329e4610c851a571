import assert from 'node:assert/strict'
import { defineJob, handle, type } from '@jobport/core'
import type { Backend } from '@jobport/core/adapter'
import { rule, type Case } from '../suite/case.ts'
import { company, double, doubles, gate } from '../stage/company.ts'
import { wrap } from '../stage/wrap.ts'

export const transactions: readonly Case[] = [
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
]
