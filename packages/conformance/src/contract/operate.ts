import assert from 'node:assert/strict'
import type { Cancellation, ClaimedJob, NewJob } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import { KEEP, cancelled, completed, dead, failed, returned } from '../stage/settlements.ts'
import { ids } from '../stage/words.ts'

const cancelOf = (
  { id }: Pick<NewJob, 'id'>,
  then?: readonly NewJob[],
): { id: string; keep: number; then?: readonly NewJob[] } => ({
  id,
  keep: KEEP,
  ...(then && { then }),
})

export const operate = chapter('A11', 'operator', [
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
      await backend.operate.cancel([
        { id: a.id, keep: 0 },
        { id: b.id, keep: 3 * time.unit },
      ])
      assert.deepEqual([await state(a.id), await state(b.id)], ['gone', 'cancelled'])
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

  rule(
    'A11.28',
    'from a paused queue nothing is claimed, and it still takes jobs',
    ['state'],
    async ({ given, backend, nothing, queue, state }) => {
      await given()
      await backend.operate.pause(queue)
      const { id } = await given()
      await nothing('a job of a paused queue was claimed')
      assert.equal(await state(id), 'waiting')
      assert.equal((await backend.inspect.counts(queue)).paused, true)
    },
  ),

  rule(
    'A11.29',
    'running jobs of a paused queue go on',
    ['state'],
    async ({ active, backend, settle, queue, time, state }) => {
      const held = await active()
      await backend.operate.pause(queue)
      assert.deepEqual(await backend.extend([held.lease], 20 * time.unit), ['applied'])
      await settle(completed(held))
      assert.equal(await state(held.lease.id), 'completed')
    },
  ),

  rule(
    'A11.30',
    'jobs whose lease runs out meanwhile wait for the queue to be resumed',
    ['state'],
    async ({ active, backend, nothing, queue, time, takeOne }) => {
      await active({}, { lease: time.unit })
      await backend.operate.pause(queue)
      await time.pass(2 * time.unit)
      await nothing('an expired lease of a paused queue was claimed')
      await backend.operate.resume(queue)
      assert.equal((await takeOne()).crashes, 1)
    },
  ),

  rule(
    'A11.31',
    'a claim on a paused queue waits to the end of its wait',
    ['state'],
    async ({ given, backend, claim, queue, time }) => {
      await given()
      await backend.operate.pause(queue)
      const start = time.now()
      assert.deepEqual(await time.until(claim({ wait: 2 * time.unit }), 'the end of a claim on a paused queue'), [])
      assert.ok(
        time.now() - start >= time.unit,
        'a claim on a paused queue came back at once: a worker would ask in a hot loop',
      )
    },
  ),

  rule('A11.32', 'resuming wakes a waiting claim', ['state'], async ({ given, backend, claim, queue, time }) => {
    const { id } = await given()
    await backend.operate.pause(queue)
    const waiting = claim({ wait: 20 * time.unit })
    await time.pass(time.unit / 5)
    await backend.operate.resume(queue)
    assert.deepEqual(ids(await time.until(waiting, 'waking for a resumed queue', 10 * time.unit)), [id])
    assert.equal((await backend.inspect.counts(queue)).paused, false)
  }),

  rule(
    'A11.33',
    'pausing and resuming twice is harmless, also for a queue that has no jobs',
    ['state'],
    async ({ backend, given, nothing, takeOne, queue }) => {
      await backend.operate.pause(queue)
      await backend.operate.pause(queue)
      await given()
      await nothing('a queue that was paused while it was empty is not paused')
      await backend.operate.resume(queue)
      await backend.operate.resume(queue)
      await backend.operate.resume('never.used')
      await takeOne()
    },
  ),

  rule('A11.34', 'other queues go on while one is paused', ['state'], async ({ backend, active }) => {
    await backend.operate.pause('paused')
    await active({ queue: 'busy' })
  }),

  rule(
    'A11.35',
    'a pause holds for every instance',
    ['state', 'two instances'],
    async ({ backend, another, given, nothing, queue, takeOne }) => {
      const other = await another()
      await given()
      await backend.operate.pause(queue)
      await nothing('another instance claimed from a paused queue', { by: other })
      await other.operate.resume(queue)
      await takeOne()
    },
  ),

  rule(
    'A11.36',
    'a pause outlives the instances',
    ['state', 'durable'],
    async ({ backend, another, given, nothing, queue }) => {
      await given()
      await backend.operate.pause(queue)
      await backend.close()
      const other = await another()
      await nothing('a restart ended a pause', { by: other })
      assert.equal((await other.inspect.counts(queue)).paused, true)
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
])
