import assert from 'node:assert/strict'
import type { ClaimedJob } from '@jobport/core/adapter'
import { rule, type Case } from '../../suite/case.ts'
import { cancelled, completed, dead, failed, forged, returned } from '../../stage/settlements.ts'
import { ids, meanwhile } from '../../stage/words.ts'

export const settlements: readonly Case[] = [
  rule('A3.1', 'an empty batch is answered by an empty batch', async ({ backend }) => {
    assert.deepEqual(await backend.settle([]), [])
  }),

  rule(
    'A3.2',
    'a completed, a dead and a cancelled job never come back',
    async ({ givenMany, take, settle, nothing, time }) => {
      await givenMany(3)
      const [a, b, c] = (await take(3, { lease: 2 * time.unit })) as [ClaimedJob, ClaimedJob, ClaimedJob]
      await settle(completed(a), dead(b), cancelled(c))
      await nothing('a settled job was claimable')
      await time.pass(3 * time.unit)
      await nothing('a settled job came back when its lease would have ended')
    },
  ),

  rule(
    'A3.3',
    'a job returned without delay is claimable when the answer is there',
    async ({ active, settle, takeOne }) => {
      const held = await active()
      await settle(returned(held))
      assert.equal((await takeOne()).lease.id, held.lease.id)
    },
  ),

  rule(
    'A3.4',
    'a job returned with a delay is not claimable before it, and then is',
    async ({ active, settle, nothing, takeOne, time, limits }) => {
      const held = await active()
      const start = time.now()
      await settle(failed(held, { delay: 2 * time.unit }))
      if (time.now() - start < time.unit) await nothing('a job was claimable before the delay of its retry was over')
      assert.equal((await takeOne()).lease.id, held.lease.id)
      assert.ok(
        time.now() - start >= 2 * time.unit - limits.tick,
        'a job was claimed before the delay of its retry was over',
      )
    },
  ),

  rule('A3.5', 'the longest delay of a retry is accepted', async ({ active, settle, nothing, limits }) => {
    await settle(failed(await active(), { delay: Math.min(limits.retryDelay, 100 * 365 * 86_400_000) }))
    await nothing('a job with the longest delay was claimable at once')
  }),

  rule(
    'A3.6',
    'a return is one step: others see the job all the time, and never twice',
    ['state', 'two instances'],
    async ({ backend, another, given, takeOne, claim }) => {
      const other = await another()
      const { id } = await given()
      for (let round = 0; round < 10; round++) {
        const held = await takeOne()
        const settled = backend.settle([returned(held)])
        await meanwhile(settled, async () => {
          const [[record], { waiting, scheduled, active }] = await Promise.all([
            other.inspect.find([id]),
            other.inspect.counts('work'),
          ])
          assert.ok(record !== undefined, 'while a job is being returned it is gone for others')
          assert.notEqual(record.state, 'scheduled', 'a job that is returned without delay passes through "scheduled"')
          assert.equal(waiting + scheduled + active, 1, 'while a job is being returned the counts are wrong')
        })
        assert.deepEqual(await settled, ['applied'])
        const again = await claim({ by: other, limit: 5 })
        assert.deepEqual(
          ids(again),
          [id],
          'a returned job must be claimable once, by anybody, as soon as its settle is answered',
        )
        await other.settle([returned(again[0]!)])
      }
    },
  ),

  rule(
    'A3.47',
    'a batch of good, lost and unknown is answered by index',
    ['state'],
    async ({ givenMany, take, backend, nothing }) => {
      await givenMany(3)
      const [a, b, c] = (await take(3)) as [ClaimedJob, ClaimedJob, ClaimedJob]
      const unknown = { lease: { ...a.lease, id: 'unknown' } }
      const answers = await backend.settle([completed(a), completed(forged(b)), completed(unknown), dead(c), failed(b)])
      assert.deepEqual(
        answers,
        ['applied', 'lost', 'lost', 'applied', 'applied'],
        'one lost entry must not spoil the others',
      )
      await nothing('b alone was returned', { queue: 'other' })
    },
  ),

  rule('A3.48', 'one batch may settle jobs of several queues', async ({ active, settle, nothing }) => {
    const [a, b] = [await active({ queue: 'a' }), await active({ queue: 'b' })]
    await settle(completed(a), completed(b))
    await nothing('a settled job came back', { queue: 'a' })
    await nothing('a settled job came back', { queue: 'b' })
  }),

  rule('A3.49', 'the same token twice in one batch settles once', ['state'], async ({ active, backend, record }) => {
    const held = await active()
    assert.deepEqual(await backend.settle([failed(held, { delay: 600_000 }), dead(held)]), ['applied', 'applied'])
    const { state, failures, errors } = await record(held.lease.id)
    assert.deepEqual(
      { state, failures, errors },
      { state: 'scheduled', failures: 1, errors: ['"failed"'] },
      'the first of two settlements must stand',
    )
  }),

  rule(
    'A3.50',
    'a batch at the limit is settled whole',
    async ({ givenMany, take, backend, limits, features, nothing }) => {
      const count = Math.min(limits.settleBatch, 1_000)
      await givenMany(count)
      const answers = await backend.settle((await take(count)).map((held) => completed(held)))
      assert.equal(answers.length, count)
      for (const answer of answers)
        assert.ok(answer === 'applied' || (!features.state && answer === 'unknown'), `answered ${String(answer)}`)
      await nothing('a settled job came back')
    },
  ),

  rule(
    'A3.51',
    'another instance may settle with the same token',
    ['state', 'two instances'],
    async ({ active, another, state }) => {
      const held = await active()
      const other = await another()
      assert.deepEqual(await other.settle([completed(held)]), ['applied'])
      assert.equal(await state(held.lease.id), 'completed')
    },
  ),

  rule(
    'A3.52',
    'a token outlives the instance that claimed',
    ['state', 'durable'],
    async ({ active, another, backend }) => {
      const held = await active()
      await backend.close()
      const other = await another()
      assert.deepEqual(await other.settle([completed(held)]), ['applied'])
      assert.deepEqual(await other.settle([completed(held)]), ['applied'])
    },
  ),

  rule(
    'A3.53',
    'two instances that settle with one token at once settle once',
    ['state', 'two instances'],
    async ({ active, another, backend, record, nothing }) => {
      const other = await another()
      for (let round = 0; round < 5; round++) {
        const held = await active()
        const answers = await Promise.all([
          backend.settle([failed(held, { delay: 600_000 })]),
          other.settle([dead(held)]),
        ])
        assert.deepEqual(answers, [['applied'], ['applied']])
        const { state, errors } = await record(held.lease.id)
        assert.deepEqual(errors, [state === 'dead' ? '"dead"' : '"failed"'], 'both of two settlements were applied')
      }
      await nothing('a job became claimable')
    },
  ),

  rule(
    'A3.54',
    'a claim and a settlement that race never both win',
    ['state', 'two instances'],
    async ({ active, another, backend, claim, time, record }) => {
      const other = await another()
      for (let round = 0; round < 5; round++) {
        const held = await active({}, { lease: time.unit })
        await time.pass(time.unit * 1.1)
        const [[answer], again] = await Promise.all([backend.settle([completed(held)]), claim({ by: other })])
        const { state } = await record(held.lease.id)
        if (answer === 'applied')
          assert.deepEqual(
            [again.length, state],
            [0, 'completed'],
            'a job was claimed and completed by an older claim at once',
          )
        else
          assert.deepEqual(
            [again.length, state],
            [1, 'active'],
            `the settlement was answered ${String(answer)}, yet the job is ${state}`,
          )
        if (again.length > 0) await other.settle([completed(again[0]!)])
      }
    },
  ),

  rule(
    'A3.55',
    'a result at the byte limit comes back whole',
    ['results'],
    async ({ active, settle, record, limits }) => {
      const held = await active()
      const result = JSON.stringify('r'.repeat(Math.min(limits.payloadBytes, 1_048_576) - 2))
      await settle(completed(held, { result }))
      assert.equal((await record(held.lease.id)).result, result)
    },
  ),

  rule('A3.57', 'a batch at the limit is settled whole with results, and with errors', ['results'], async (stage) => {
    const { givenMany, take, settle, limits, backend } = stage
    const count = Math.min(limits.settleBatch, 1_000)
    const [given, broken] = [await givenMany(count), await givenMany(count, { queue: 'other' })]
    await settle(...(await take(count)).map((held) => completed(held, { result: JSON.stringify(held.lease.id) })))
    await settle(
      ...(await take(count, { queue: 'other' })).map((held) => dead(held, { error: JSON.stringify(held.lease.id) })),
    )
    for (const [index, record] of (await backend.inspect.find(ids(given))).entries()) {
      assert.equal(record?.result, JSON.stringify(given[index]!.id), 'a result is missing, or that of another job')
    }
    for (const [index, record] of (await backend.inspect.find(ids(broken))).entries()) {
      assert.deepEqual(
        record?.errors,
        [JSON.stringify(broken[index]!.id)],
        'an error is missing, or that of another job',
      )
    }
  }),

  rule(
    'A3.56',
    'without delay a return is not taken for a failure by the order of others',
    ['fifo'],
    async ({ givenMany, take, settle }) => {
      const given = await givenMany(6)
      const taken = await take(3)
      await settle(...taken.map((held) => returned(held)))
      const again = ids(await take(6))
      assert.deepEqual(
        again.slice(0, 3).toSorted(),
        ids(given.slice(0, 3)).toSorted(),
        'returned jobs must be claimed before their juniors',
      )
      assert.deepEqual(again.slice(3), ids(given.slice(3)))
    },
  ),
]
