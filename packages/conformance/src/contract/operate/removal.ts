import assert from 'node:assert/strict'
import type { ClaimedJob } from '@jobport/core/adapter'
import { rule, type Case } from '../../suite/case.ts'
import { cancelled, completed, dead, failed } from '../../stage/settlements.ts'

export const removal: readonly Case[] = [
  rule(
    'A11.23',
    'jobs that are not active can be removed, in every state',
    ['state'],
    async ({ active, given, settle, backend, state, nothing }) => {
      const [a, b, c, d] = [await active(), await active(), await active(), await active()]
      await settle(completed(a), dead(b), failed(c, { delay: 600_000 }))
      const waiting = await given()
      const all = [a.lease.id, b.lease.id, c.lease.id, d.lease.id, waiting.id, 'unknown']
      assert.deepEqual(await backend.operate.remove(all), [true, true, true, false, true, false])
      assert.deepEqual(await Promise.all(all.map(state)), ['gone', 'gone', 'gone', 'active', 'gone', 'gone'])
      assert.deepEqual(await backend.operate.remove([a.lease.id]), [false])
      assert.deepEqual(await backend.operate.remove([]), [])
      await nothing('a removed job was claimed')
    },
  ),

  rule('A11.24', 'the id of a removed job is free at once', ['state'], async ({ given, settle, backend, takeOne }) => {
    const job = await given()
    await backend.operate.remove([job.id])
    assert.deepEqual(await backend.enqueue([job]), [{ status: 'enqueued' }])
    const held = await takeOne()
    assert.equal(held.attempt, 1, 'the new job inherited from the removed one')
    await settle(completed(held))
    await backend.operate.remove([job.id])
    assert.deepEqual(await backend.enqueue([job]), [{ status: 'enqueued' }])
    assert.deepEqual(await backend.settle([completed(held)]), ['lost'], 'the token of a removed job is still known')
  }),

  rule(
    'A11.25',
    'purge drops the jobs of one queue and state, up to the limit',
    ['state'],
    async ({ givenMany, backend, queue, active }) => {
      await givenMany(25)
      await givenMany(3, { queue: 'other' })
      const held = await active({ queue: 'third' })
      assert.equal(await backend.operate.purge({ queue, state: 'waiting', limit: 10 }), 10)
      assert.equal(await backend.operate.purge({ queue, state: 'waiting', limit: 10 }), 10)
      assert.equal(await backend.operate.purge({ queue, state: 'waiting', limit: 10 }), 5)
      assert.equal(await backend.operate.purge({ queue, state: 'waiting', limit: 10 }), 0)
      assert.equal((await backend.inspect.counts('other')).waiting, 3, 'purge dropped jobs of another queue')
      assert.equal((await backend.inspect.counts(held.lease.queue)).active, 1)
    },
  ),

  rule(
    'A11.26',
    'purge leaves jobs of other states, and frees the ids',
    ['state'],
    async ({ givenMany, take, settle, backend, queue, given }) => {
      const [first] = await givenMany(6)
      const [a, b, c, d] = (await take(4)) as [ClaimedJob, ClaimedJob, ClaimedJob, ClaimedJob]
      await settle(completed(a), dead(b), cancelled(c), failed(d, { delay: 600_000 }))
      for (const state of ['completed', 'dead', 'cancelled', 'scheduled'] as const) {
        assert.equal(await backend.operate.purge({ queue, state, limit: 100 }), 1, `purging ${state}`)
      }
      const { waiting, active, completed: done, dead: died } = await backend.inspect.counts(queue)
      assert.deepEqual({ waiting, active, done, died }, { waiting: 2, active: 0, done: 0, died: 0 })
      await given({ id: first!.id })
    },
  ),

  rule(
    'A11.27',
    'purge does not count records whose keep is over',
    ['state'],
    async ({ active, settle, backend, queue, time }) => {
      await settle(completed(await active(), { keep: time.unit }))
      await time.pass(2 * time.unit)
      assert.equal(await backend.operate.purge({ queue, state: 'completed', limit: 10 }), 0)
    },
  ),
]
