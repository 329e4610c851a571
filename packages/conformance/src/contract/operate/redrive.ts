import assert from 'node:assert/strict'
import { rule, type Case } from '../../suite/case.ts'
import { cancelled, completed, dead, failed, cancelOf } from '../../stage/settlements.ts'
import { ids } from '../../stage/words.ts'

export const redrive: readonly Case[] = [
  rule(
    'A11.13',
    'a dead job that is sent back starts over',
    ['state'],
    async ({ active, settle, takeOne, backend, record, time }) => {
      await active({}, { lease: time.unit })
      await settle(failed(await takeOne()))
      const held = await takeOne()
      await settle(dead(held))
      assert.deepEqual(await backend.operate.retry([held.lease.id]), [true])
      const { state, failures, crashes, redrives, attempt, errors, finishedAt } = await record(held.lease.id)
      assert.deepEqual(
        { state, failures, crashes, redrives, attempt, errors, finishedAt },
        {
          state: 'waiting',
          failures: 0,
          crashes: 0,
          redrives: 1,
          attempt: 3,
          errors: ['"failed"', '"dead"'],
          finishedAt: undefined,
        },
      )
      const again = await takeOne()
      assert.deepEqual([again.attempt, again.failures, again.crashes, again.redrives], [4, 0, 0, 1])
      await settle(completed(again))
    },
  ),

  rule(
    'A11.14',
    'a completed and a cancelled job can be sent back, without what they ended with',
    ['state'],
    async ({ active, settle, given, backend, record, features }) => {
      const held = await active()
      await settle(completed(held, features.results ? { result: '"old"' } : {}))
      const job = await given()
      await backend.operate.cancel([cancelOf(job)])
      assert.deepEqual(await backend.operate.retry([held.lease.id, job.id]), [true, true])
      for (const id of [held.lease.id, job.id]) {
        const { state, result, finishedAt, redrives } = await record(id)
        assert.deepEqual(
          { state, result, finishedAt, redrives },
          { state: 'waiting', result: undefined, finishedAt: undefined, redrives: 1 },
        )
      }
    },
  ),

  rule(
    'A11.15',
    'a job sent back forgets the wish to cancel it',
    ['state'],
    async ({ active, settle, takeOne, backend, record }) => {
      const held = await active()
      await backend.operate.cancel([cancelOf(held.lease)])
      await settle(cancelled(held))
      await backend.operate.retry([held.lease.id])
      assert.equal((await record(held.lease.id)).cancelRequested, false)
      assert.ok((await takeOne()).cancelRequested !== true)
    },
  ),

  rule('A11.16', 'a scheduled job becomes due', ['state'], async ({ active, settle, backend, takeOne, record }) => {
    const held = await active()
    await settle(failed(held, { delay: 600_000 }))
    assert.deepEqual(await backend.operate.retry([held.lease.id]), [true])
    const { failures, redrives } = await record(held.lease.id)
    assert.deepEqual(
      { failures, redrives },
      { failures: 1, redrives: 0 },
      'a job that only loses its delay does not start over',
    )
    await takeOne()
  }),

  rule('A11.17', 'a delayed job becomes due', ['state', 'delay'], async ({ given, backend, takeOne }) => {
    const { id } = await given({ delay: 600_000 })
    assert.deepEqual(await backend.operate.retry([id]), [true])
    assert.equal((await takeOne()).lease.id, id)
  }),

  rule(
    'A11.18',
    'waiting, active, dropped and unknown jobs cannot be sent back',
    ['state'],
    async ({ active, given, settle, backend }) => {
      const [held, dropped] = [await active(), await active()]
      await settle(completed(dropped, { keep: 0 }))
      const { id } = await given()
      assert.deepEqual(await backend.operate.retry([id, held.lease.id, dropped.lease.id, 'unknown']), [
        false,
        false,
        false,
        false,
      ])
      assert.deepEqual(await backend.operate.retry([]), [])
      await settle(completed(held))
    },
  ),

  rule(
    'A11.19',
    'the token that finished a job changes nothing once the job is sent back',
    ['state'],
    async ({ active, settle, backend, state, takeOne }) => {
      const held = await active()
      await settle(dead(held))
      await backend.operate.retry([held.lease.id])
      await backend.settle([completed(held)])
      assert.equal(await state(held.lease.id), 'waiting', 'a repeated settlement undid what an operator did')
      const again = await takeOne()
      await backend.settle([completed(held)])
      assert.equal(await state(held.lease.id), 'active')
      await settle(completed(again))
    },
  ),

  rule(
    'A11.20',
    'a job whose key another holds by now cannot be sent back',
    ['state', 'unique'],
    async ({ active, settle, backend, state, given }) => {
      const key = { unique: { key: 'the key' } }
      const held = await active(key)
      await settle(dead(held))
      const { id } = await given(key)
      assert.deepEqual(await backend.operate.retry([held.lease.id]), [false], 'two jobs hold one unique key')
      assert.deepEqual([await state(held.lease.id), await state(id)], ['dead', 'waiting'])
    },
  ),

  rule(
    'A11.21',
    'a job that is sent back holds its key again',
    ['state', 'unique'],
    async ({ active, settle, backend, job }) => {
      const key = { unique: { key: 'the key' } }
      const held = await active(key)
      await settle(dead(held))
      assert.deepEqual(await backend.operate.retry([held.lease.id]), [true])
      assert.deepEqual(await backend.enqueue([job(key)]), [{ status: 'duplicate', of: held.lease.id }])
    },
  ),

  rule(
    'A11.22',
    'a job sent back is not dropped when its old keep is over',
    ['state'],
    async ({ active, settle, backend, state, time }) => {
      const held = await active()
      await settle(dead(held, { keep: 2 * time.unit }))
      await backend.operate.retry([held.lease.id])
      await time.pass(3 * time.unit)
      assert.equal(await state(held.lease.id), 'waiting')
    },
  ),

  rule(
    'A11.37',
    'a job that is sent back wakes a waiting claim',
    ['state'],
    async ({ active, settle, backend, claim, time }) => {
      const held = await active()
      await settle(dead(held))
      const waiting = claim({ wait: 20 * time.unit })
      await backend.operate.retry([held.lease.id])
      assert.deepEqual(ids(await time.until(waiting, 'waking for a job sent back', 10 * time.unit)), [held.lease.id])
    },
  ),
]
