import assert from 'node:assert/strict'
import type { ClaimedJob, JobRecord, JobState } from '@jobport/core/adapter'
import { rule, type Case } from '../../suite/case.ts'
import type { Stage } from '../../stage/stage.ts'
import { cancelled, completed, dead, failed, returned } from '../../stage/settlements.ts'
import { ids, STRANGE, countsOf, NONE } from '../../stage/words.ts'

export const records: readonly Case[] = [
  rule(
    'A6.1',
    'find answers by index, and undefined for what is unknown',
    ['state'],
    async ({ givenMany, backend }) => {
      const [a, b] = await givenMany(2)
      const found = await backend.inspect.find([b!.id, 'unknown', a!.id, b!.id])
      assert.deepEqual(
        found.map((record) => record?.id),
        [b!.id, undefined, a!.id, b!.id],
      )
      assert.deepEqual(await backend.inspect.find([]), [])
    },
  ),

  rule('A6.2', 'each state can be reached, found, listed and counted', ['state', 'delay'], async (stage) => {
    const { backend, state, queue } = stage
    const jobs = await oneOfEach(stage)
    for (const [name, id] of Object.entries(jobs) as [JobState, string][]) {
      assert.equal(await state(id), name)
      const page = await backend.inspect.list({ queue, state: name, limit: 10 })
      assert.deepEqual(ids(page.jobs), [id], `list(${name})`)
    }
    assert.deepEqual(await countsOf(stage), {
      waiting: 1,
      scheduled: 1,
      active: 1,
      completed: 1,
      dead: 1,
      cancelled: 1,
    })
  }),

  rule('A6.3', 'the record of a new job tells what was enqueued', ['state'], async ({ given, record }) => {
    const { id } = await given({ name: 'a.name', payload: '[1, 2]', headers: { a: 'b' }, policy: '{"retries":1}' })
    const { enqueuedAt, ...rest } = present(await record(id))
    assert.equal(typeof enqueuedAt, 'number')
    assert.deepEqual(rest, {
      id,
      queue: 'work',
      name: 'a.name',
      state: 'waiting',
      payload: '[1, 2]',
      headers: { a: 'b' },
      policy: '{"retries":1}',
      priority: 0,
      attempt: 0,
      failures: 0,
      crashes: 0,
      redrives: 0,
      errors: [],
      logs: [],
      cancelRequested: false,
    })
  }),

  rule('A6.4', 'the record tells priority and group', ['state', 'priority', 'group'], async ({ given, record }) => {
    const { id } = await given({ priority: 1, group: 'g' })
    const { priority, group } = await record(id)
    assert.deepEqual({ priority, group }, { priority: 1, group: 'g' })
  }),

  rule(
    'A6.5',
    'the record of a scheduled job tells when it falls due',
    ['state', 'delay'],
    async ({ given, record }) => {
      const { id } = await given({ delay: 600_000 })
      const { dueAt, enqueuedAt } = await record(id)
      assert.ok(Math.abs(dueAt! - enqueuedAt - 600_000) < 2_000, `dueAt is ${dueAt! - enqueuedAt} ms after enqueuedAt`)
    },
  ),

  rule('A6.6', 'a scheduled job becomes waiting by itself when it falls due', ['state', 'delay'], async (stage) => {
    const { given, state, time, backend, queue } = stage
    const { id } = await given({ delay: time.unit })
    await time.pass(2 * time.unit)
    assert.equal(await state(id), 'waiting', 'find does not follow the clock')
    assert.deepEqual(await countsOf(stage), { ...NONE, waiting: 1 }, 'counts do not follow the clock')
    assert.deepEqual(
      ids((await backend.inspect.list({ queue, state: 'waiting', limit: 5 })).jobs),
      [id],
      'list does not follow the clock',
    )
    assert.deepEqual((await backend.inspect.list({ queue, state: 'scheduled', limit: 5 })).jobs, [])
  }),

  rule(
    'A6.7',
    'a job that waits for its retry is scheduled, then waiting',
    ['state'],
    async ({ active, settle, state, time }) => {
      const held = await active()
      const start = time.now()
      await settle(failed(held, { delay: 2 * time.unit }))
      const before = await state(held.lease.id)
      if (time.now() - start < 2 * time.unit) assert.equal(before, 'scheduled')
      await time.pass(3 * time.unit)
      assert.equal(await state(held.lease.id), 'waiting')
    },
  ),

  rule(
    'A6.8',
    'a job whose lease ran out stays active until it is claimed again',
    ['state'],
    async ({ active, state, time }) => {
      const held = await active({}, { lease: time.unit })
      await time.pass(2 * time.unit)
      assert.equal(await state(held.lease.id), 'active')
    },
  ),

  rule(
    'A6.9',
    'the record tells attempt, failures and crashes',
    ['state'],
    async ({ active, settle, takeOne, record, time }) => {
      const held = await active()
      await settle(failed(held))
      await takeOne({ lease: time.unit })
      await takeOne()
      const { attempt, failures, crashes } = await record(held.lease.id)
      assert.deepEqual({ attempt, failures, crashes }, { attempt: 3, failures: 1, crashes: 1 })
    },
  ),

  rule(
    'A6.10',
    'the record tells when the job was claimed and when it finished, in order',
    ['state'],
    async ({ active, settle, record, time }) => {
      const held = await active()
      await time.pass(time.unit)
      await settle(completed(held))
      const { enqueuedAt, claimedAt, finishedAt } = await record(held.lease.id)
      assert.equal(enqueuedAt, held.enqueuedAt, 'the claim and the record tell different times')
      assert.ok(
        claimedAt! >= enqueuedAt && finishedAt! >= claimedAt! + time.unit - 50,
        `${enqueuedAt}, ${claimedAt}, ${finishedAt}`,
      )
    },
  ),

  rule('A6.11', 'enqueuedAt stays the same over retries', ['state'], async ({ active, settle, takeOne, time }) => {
    const held = await active()
    await time.pass(time.unit)
    await settle(failed(held))
    assert.equal((await takeOne()).enqueuedAt, held.enqueuedAt)
  }),

  rule('A6.12', 'the result can be read, as it was given', ['results'], async ({ active, settle, record }) => {
    const held = await active()
    const result = JSON.stringify(STRANGE)
    await settle(completed(held, { result }))
    assert.equal((await record(held.lease.id)).result, result)
  }),

  rule('A6.13', 'no result is no result, and null is one', ['results'], async ({ givenMany, take, settle, record }) => {
    await givenMany(2)
    const [a, b] = (await take(2)) as [ClaimedJob, ClaimedJob]
    await settle(completed(a), completed(b, { result: 'null' }))
    assert.equal((await record(a.lease.id)).result, undefined)
    assert.equal((await record(b.lease.id)).result, 'null')
  }),

  rule(
    'A6.14',
    'errors are appended in order, that of the death last',
    ['state'],
    async ({ active, settle, takeOne, record }) => {
      const held = await active()
      await settle(failed(held, { error: '"one"' }))
      await settle(returned(await takeOne(), { error: '"two"' }))
      await settle(returned(await takeOne()))
      await settle(dead(await takeOne(), { error: JSON.stringify(STRANGE) }))
      assert.deepEqual((await record(held.lease.id)).errors, ['"one"', '"two"', JSON.stringify(STRANGE)])
    },
  ),

  rule('A6.15', 'at least the newest 20 errors are kept', ['state'], async ({ active, settle, takeOne, record }) => {
    let held = await active()
    for (let index = 0; index < 30; index++) {
      await settle(failed(held, { error: String(index) }))
      held = await takeOne()
    }
    const { errors } = await record(held.lease.id)
    assert.deepEqual(
      errors.slice(-20),
      Array.from({ length: 20 }, (_, index) => String(10 + index)),
    )
  }),

  rule(
    'A6.35',
    'records are seen alike by another instance',
    ['state', 'two instances'],
    async ({ active, another, backend, record, queue }) => {
      const { lease } = await active()
      const other = await another()
      assert.deepEqual((await other.inspect.find([lease.id]))[0], await record(lease.id))
      const [a, b] = [await backend.inspect.counts(queue), await other.inspect.counts(queue)]
      assert.equal(b.active, a.active)
    },
  ),

  rule('A6.36', 'records outlive the instances', ['state', 'durable'], async ({ active, another, backend, settle }) => {
    const held = await active()
    await settle(dead(held))
    const [before] = await backend.inspect.find([held.lease.id])
    await backend.close()
    assert.deepEqual((await (await another()).inspect.find([held.lease.id]))[0], before)
  }),
]

/** A record without what is there but undefined. */
function present(record: JobRecord): Partial<JobRecord> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}

async function oneOfEach({
  given,
  active,
  settle,
}: Pick<Stage<'state'>, 'given' | 'active' | 'settle'>): Promise<Record<JobState, string>> {
  const [a, b, c] = [await active(), await active(), await active()]
  await settle(completed(a), dead(b), cancelled(c))
  const d = await active()
  return {
    completed: a.lease.id,
    dead: b.lease.id,
    cancelled: c.lease.id,
    active: d.lease.id,
    waiting: (await given()).id,
    scheduled: (await given({ delay: 600_000 })).id,
  }
}
