import assert from 'node:assert/strict'
import { TOMBSTONE } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import { completed } from '../stage/settlements.ts'
import { ids } from '../stage/words.ts'

/** Enough to span several rows, pages and chunks, and quick everywhere. */
const MANY = 1_000

export const enqueue = chapter('A1', 'enqueue', [
  rule('A1.1', 'an empty batch is answered by an empty batch', async ({ backend }) => {
    assert.deepEqual(await backend.enqueue([]), [], 'enqueue([]) must answer []')
  }),

  rule('A1.2', 'an enqueued job can be claimed', async ({ given, takeOne }) => {
    const { id } = await given()
    assert.equal((await takeOne()).lease.id, id, 'another job was claimed than the only one enqueued')
  }),

  rule('A1.3', 'a batch at the limit is taken whole', async ({ backend, limits, jobs, take }) => {
    const batch = jobs(Math.min(limits.enqueueBatch, MANY))
    const answers = await backend.enqueue(batch)
    assert.equal(answers.length, batch.length, 'there must be one answer per job')
    assert.ok(
      answers.every(({ status }) => status === 'enqueued'),
      'a job of a full batch was not enqueued',
    )
    assert.deepEqual(
      ids(await take(batch.length)).toSorted(),
      ids(batch).toSorted(),
      'what was claimed is not what was enqueued',
    )
  }),

  rule('A1.4', 'the order inside a batch is the order of the claims', ['fifo'], async ({ givenMany, take }) => {
    const given = await givenMany(20)
    assert.deepEqual(ids(await take(20)), ids(given), 'jobs of one batch were claimed in another order')
  }),

  rule('A1.5', 'the order of batches is the order of the claims', ['fifo'], async ({ given, take }) => {
    const order = [await given(), await given(), await given()]
    assert.deepEqual(ids(await take(3)), ids(order), 'jobs of successive batches were claimed in another order')
  }),

  rule('A1.6', 'one batch may hold jobs of several queues', async ({ backend, job, takeOne, nothing }) => {
    const [a, b] = [job({ queue: 'a' }), job({ queue: 'b' })]
    assert.deepEqual(await backend.enqueue([a, b]), [{ status: 'enqueued' }, { status: 'enqueued' }])
    assert.equal((await takeOne({ queue: 'b' })).lease.id, b.id, 'queue b gave a job of another queue')
    assert.equal((await takeOne({ queue: 'a' })).lease.id, a.id, 'queue a gave a job of another queue')
    await nothing('queue a gave a second job', { queue: 'a' })
  }),

  rule(
    'A1.7',
    'the same id twice in one batch makes one job',
    ['state'],
    async ({ backend, job, takeOne, nothing }) => {
      const first = job()
      assert.deepEqual(await backend.enqueue([first, job(), { ...first, payload: '"second"' }]), [
        { status: 'enqueued' },
        { status: 'enqueued' },
        { status: 'duplicate', of: first.id },
      ])
      assert.equal((await takeOne()).payload, first.payload, 'the second of two equal ids replaced the first')
      await takeOne()
      await nothing('an id that was enqueued twice in one batch made two jobs')
    },
  ),

  rule(
    'A1.8',
    'the same id again is a duplicate of itself and changes nothing',
    ['state'],
    async ({ backend, given, record, takeOne, nothing }) => {
      const first = await given()
      const before = await record(first.id)
      const repeat = { ...first, name: 'other', payload: '"other"', headers: { other: 'yes' }, policy: '"other"' }
      assert.deepEqual(await backend.enqueue([repeat]), [{ status: 'duplicate', of: first.id }])
      assert.deepEqual(await record(first.id), before, 'a repeated enqueue changed the record')
      await takeOne()
      await nothing('a repeated enqueue made a second job')
    },
  ),

  rule(
    'A1.9',
    'the id of an active job is a duplicate and does not disturb it',
    ['state'],
    async ({ backend, given, takeOne, nothing, settle }) => {
      const first = await given()
      const held = await takeOne()
      assert.deepEqual(await backend.enqueue([first]), [{ status: 'duplicate', of: first.id }])
      await nothing('a repeated enqueue made an active job claimable')
      await settle(completed(held))
    },
  ),

  rule(
    'A1.10',
    'the id of a scheduled job is a duplicate and does not make it due',
    ['state', 'delay'],
    async ({ backend, given, nothing, state }) => {
      const first = await given({ delay: 600_000 })
      const { delay: _, ...now } = first
      assert.deepEqual(await backend.enqueue([now]), [{ status: 'duplicate', of: first.id }])
      await nothing('a repeated enqueue without a delay made a scheduled job claimable')
      assert.equal(await state(first.id), 'scheduled')
    },
  ),

  rule(
    'A1.11',
    'the id of a finished job is a duplicate while its record is kept',
    ['state'],
    async ({ backend, given, takeOne, settle, nothing, state }) => {
      const first = await given()
      await settle(completed(await takeOne()))
      assert.deepEqual(await backend.enqueue([first]), [{ status: 'duplicate', of: first.id }])
      await nothing('a repeated enqueue brought a finished job back')
      assert.equal(await state(first.id), 'completed')
    },
  ),

  rule(
    'A1.12',
    'the id of a finished job is a duplicate also when its record was dropped',
    ['state'],
    async ({ backend, given, takeOne, settle, nothing }) => {
      const first = await given()
      await settle(completed(await takeOne(), { keep: 0 }))
      assert.deepEqual(await backend.enqueue([first]), [{ status: 'duplicate', of: first.id }])
      await nothing('a late repeat of an enqueue ran a finished job again')
    },
  ),

  rule(
    'A1.13',
    'the id of a dropped job stays known for the whole tombstone',
    ['state', 'virtual time'],
    async ({ backend, given, takeOne, settle, time }) => {
      const first = await given()
      await settle(completed(await takeOne(), { keep: time.unit }))
      await time.pass(TOMBSTONE - time.unit)
      assert.deepEqual(
        await backend.enqueue([first]),
        [{ status: 'duplicate', of: first.id }],
        'the id was forgotten too early',
      )
    },
  ),

  rule(
    'A1.14',
    'two instances that enqueue one id at the same time make one job',
    ['state', 'two instances'],
    async ({ backend, another, jobs, take, nothing }) => {
      const other = await another()
      const batch = jobs(20)
      const answers = await Promise.all([backend, other, backend, other].map((each) => each.enqueue(batch)))
      for (const [index, { id }] of batch.entries()) {
        const enqueued = answers.filter((answer) => answer[index]!.status === 'enqueued').length
        assert.equal(enqueued, 1, `${id} was answered "enqueued" ${enqueued} times`)
      }
      await take(20)
      await nothing('an id that two instances enqueued made two jobs')
    },
  ),

  rule(
    'A1.15',
    'a job is visible to a second instance at once',
    ['two instances'],
    async ({ another, given, takeOne }) => {
      const other = await another()
      const { id } = await given()
      assert.equal((await takeOne({ by: other })).lease.id, id)
    },
  ),

  rule(
    'A1.16',
    'jobs outlive the instance that enqueued them',
    ['durable'],
    async ({ backend, another, given, takeOne }) => {
      const { id } = await given()
      await backend.close()
      assert.equal((await takeOne({ by: await another() })).lease.id, id)
    },
  ),

  rule('A1.17', 'a delay of 0 is no delay', ['delay'], async ({ given, takeOne }) => {
    const { id } = await given({ delay: 0 })
    assert.equal((await takeOne()).lease.id, id)
  }),

  rule(
    'A1.18',
    'a delayed job cannot be claimed before its delay is over, and then can',
    ['delay'],
    async ({ time, given, nothing, takeOne, limits }) => {
      const start = time.now()
      const { id } = await given({ delay: 2 * time.unit })
      if (time.now() - start < time.unit) await nothing('a delayed job was claimed at once')
      assert.equal((await takeOne()).lease.id, id)
      assert.ok(
        time.now() - start >= 2 * time.unit - limits.tick,
        'a delayed job was claimed before its delay was over',
      )
    },
  ),

  rule('A1.19', 'a shorter delay overtakes a longer one', ['delay'], async ({ time, given, takeOne }) => {
    const late = await given({ delay: 2 * time.unit })
    const soon = await given({ delay: time.unit })
    assert.equal((await takeOne()).lease.id, soon.id, 'the job with the longer delay came first')
    assert.equal((await takeOne()).lease.id, late.id)
  }),

  rule('A1.20', 'the longest delay is accepted', ['delay'], async ({ given, limits, nothing }) => {
    await given({ delay: Math.min(limits.delay, 100 * 365 * 86_400_000) })
    await nothing('a job with the longest delay was claimable at once')
  }),

  rule(
    'A1.21',
    'jobs of both ends of the priorities are accepted, and the highest goes first',
    ['priority'],
    async ({ given, limits, take }) => {
      const last = await given({ priority: 0 })
      const first = await given({ priority: limits.priorities - 1 })
      assert.deepEqual(ids(await take(2)), [first.id, last.id], 'the highest priority must be claimed first')
    },
  ),

  rule('A1.22', 'an absent priority is priority 0', ['priority', 'fifo'], async ({ given, take }) => {
    const order = [await given(), await given({ priority: 0 }), await given()]
    assert.deepEqual(ids(await take(3)), ids(order), 'no priority and priority 0 must be the same line')
  }),

  rule('A1.23', 'enqueue leaves the jobs that it is given as they are', async ({ backend, jobs }) => {
    const batch = jobs(3, { headers: { a: '1' } })
    const copy = structuredClone(batch)
    await backend.enqueue(Object.freeze(batch.map((job) => Object.freeze(job))))
    assert.deepEqual(batch, copy, 'enqueue changed the jobs it was given')
  }),
])
