import assert from 'node:assert/strict'
import { rule, type Case } from '../../suite/case.ts'
import { completed } from '../../stage/settlements.ts'
import { ids } from '../../stage/words.ts'

export const pause: readonly Case[] = [
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
]
