import assert from 'node:assert/strict'
import type { Cancellation, NewJob } from '@jobport/core/adapter'
import { rule, type Case } from '../../suite/case.ts'
import { completed, dead, failed, returned, cancelOf } from '../../stage/settlements.ts'

export const cancel: readonly Case[] = [
  rule(
    'A11.1',
    'a waiting job that is cancelled is never claimed',
    ['state'],
    async ({ given, backend, nothing, record }) => {
      const job = await given()
      assert.deepEqual(await backend.operate.cancel([cancelOf(job)]), ['cancelled'])
      await nothing('a cancelled job was claimed')
      const { state, finishedAt } = await record(job.id)
      assert.equal(state, 'cancelled')
      assert.equal(typeof finishedAt, 'number', 'a cancelled job is finished')
    },
  ),

  rule(
    'A11.2',
    'a scheduled job that is cancelled never falls due',
    ['state', 'delay'],
    async ({ given, backend, nothing, time, state }) => {
      const job = await given({ delay: time.unit })
      assert.deepEqual(await backend.operate.cancel([cancelOf(job)]), ['cancelled'])
      await time.pass(2 * time.unit)
      await nothing('a cancelled job fell due')
      assert.equal(await state(job.id), 'cancelled')
    },
  ),

  rule(
    'A11.3',
    'a job that waits for its retry can be cancelled',
    ['state'],
    async ({ active, settle, backend, nothing, time }) => {
      const held = await active()
      await settle(failed(held, { delay: time.unit }))
      assert.deepEqual(await backend.operate.cancel([cancelOf(held.lease)]), ['cancelled'])
      await time.pass(2 * time.unit)
      await nothing('a cancelled job was retried')
    },
  ),

  rule('A11.4', 'an active job is asked to stop, and stays active', ['state'], async ({ active, backend, record }) => {
    const { lease } = await active()
    assert.deepEqual(await backend.operate.cancel([cancelOf(lease)]), ['requested'])
    const { state, cancelRequested } = await record(lease.id)
    assert.deepEqual({ state, cancelRequested }, { state: 'active', cancelRequested: true })
  }),

  rule(
    'A11.5',
    'its worker learns so by the next extension, which holds all the same',
    ['state'],
    async ({ active, backend, nothing, time }) => {
      const { lease } = await active({}, { lease: 3 * time.unit })
      await backend.operate.cancel([cancelOf(lease)])
      assert.deepEqual(await backend.extend([lease], 20 * time.unit), ['cancelled'])
      assert.deepEqual(await backend.extend([lease], 20 * time.unit), ['cancelled'], 'the wish to cancel was forgotten')
      await time.pass(4 * time.unit)
      await nothing('an extension that was answered "cancelled" did not extend the lease')
    },
  ),

  rule('A11.6', 'it may complete nevertheless', ['state'], async ({ active, backend, settle, state }) => {
    const held = await active()
    await backend.operate.cancel([cancelOf(held.lease)])
    await settle(completed(held))
    assert.equal(await state(held.lease.id), 'completed')
  }),

  rule(
    'A11.7',
    'when it comes back the next claim is told of the wish',
    ['state'],
    async ({ active, backend, settle, takeOne, time }) => {
      const held = await active()
      assert.ok(held.cancelRequested !== true, 'nobody asked to cancel the job')
      await backend.operate.cancel([cancelOf(held.lease)])
      await settle(returned(held))
      assert.equal(
        (await takeOne({ lease: time.unit })).cancelRequested,
        true,
        'the claim after a return does not tell',
      )
      assert.equal((await takeOne()).cancelRequested, true, 'the claim after a crash does not tell')
    },
  ),

  rule('A11.8', 'asking twice is harmless', ['state'], async ({ active, given, backend }) => {
    const { lease } = await active()
    const job = await given()
    assert.deepEqual(await backend.operate.cancel([cancelOf(lease)]), ['requested'])
    assert.deepEqual(await backend.operate.cancel([cancelOf(lease)]), ['requested'])
    assert.deepEqual(await backend.operate.cancel([cancelOf(job)]), ['cancelled'])
    assert.deepEqual(await backend.operate.cancel([cancelOf(job)]), ['finished'])
  }),

  rule(
    'A11.9',
    'a finished job cannot be cancelled, an unknown one is not found',
    ['state'],
    async ({ active, settle, backend, state }) => {
      const [a, b] = [await active(), await active()]
      await settle(completed(a), dead(b))
      assert.deepEqual(
        await backend.operate.cancel([cancelOf(a.lease), cancelOf(b.lease), cancelOf({ id: 'unknown' })]),
        ['finished', 'finished', 'not-found'],
      )
      assert.deepEqual([await state(a.lease.id), await state(b.lease.id)], ['completed', 'dead'])
      assert.deepEqual(await backend.operate.cancel([]), [])
    },
  ),

  rule(
    'A11.10',
    'the follow-ups of a cancellation are stored with it, and only with it',
    ['state'],
    async ({ active, given, settle, backend, job, state }) => {
      const [held, done] = [await active(), await active()]
      await settle(completed(done))
      const waiting = await given()
      const [a, b, c] = [job({ queue: 'next' }), job({ queue: 'next' }), job({ queue: 'next' })]
      const answers = await backend.operate.cancel([
        cancelOf(waiting, [a]),
        cancelOf(held.lease, [b]),
        cancelOf(done.lease, [c]),
      ])
      assert.deepEqual(answers, ['cancelled', 'requested', 'finished'])
      assert.deepEqual([await state(a.id), await state(b.id), await state(c.id)], ['waiting', 'gone', 'gone'])
    },
  ),

  rule(
    'A11.11',
    'a cancelled record is readable for its keep',
    ['state'],
    async ({ givenMany, backend, state, time }) => {
      const [a, b] = (await givenMany(2)) as [NewJob, NewJob]
      const start = time.now()
      await backend.operate.cancel([
        { id: a.id, keep: 0 },
        { id: b.id, keep: 3 * time.unit },
      ])
      const states = [await state(a.id), await state(b.id)]
      if (time.now() - start < 3 * time.unit) assert.deepEqual(states, ['gone', 'cancelled'])
      await time.pass(4 * time.unit)
      assert.equal(await state(b.id), 'gone')
      assert.deepEqual(
        await backend.enqueue([a]),
        [{ status: 'duplicate', of: a.id }],
        'the id of a cancelled job was forgotten',
      )
    },
  ),

  rule(
    'A11.12',
    'a cancellation that races with a claim wins or loses, never both',
    ['state', 'two instances'],
    async ({ another, backend, given, claim, settle, state }) => {
      const other = await another()
      for (let round = 0; round < 20; round++) {
        const job = await given()
        const [[answer], held] = await Promise.all([backend.operate.cancel([cancelOf(job)]), claim({ by: other })])
        const expected: Cancellation = held.length > 0 ? 'requested' : 'cancelled'
        assert.equal(answer, expected, `the claim gave ${held.length} jobs and the cancellation was answered ${answer}`)
        assert.equal(await state(job.id), held.length > 0 ? 'active' : 'cancelled')
        await settle(...held.map((each) => completed(each)))
      }
    },
  ),
]
