import assert from 'node:assert/strict'
import type { ClaimedJob } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import { completed, dead, ENDS, failed, forged, returned } from '../stage/settlements.ts'
import { ids, meanwhile } from '../stage/words.ts'

const NEXT = { queue: 'next' }

export const followUp = chapter('A13', 'follow-ups', [
  rule('A13.1', 'each end of a claim brings its follow-ups', async ({ givenMany, take, settle, job }) => {
    const ends = Object.values(ENDS)
    await givenMany(ends.length)
    const held = await take(ends.length)
    const followers = ends.map(() => job(NEXT))
    await settle(...held.map((each, index) => ends[index]!(each, { then: [followers[index]!] })))
    assert.deepEqual(ids(await take(ends.length, NEXT)).toSorted(), ids(followers).toSorted(), 'follow-ups are missing')
  }),

  rule('A13.2', 'several follow-ups keep their order', ['fifo'], async ({ active, settle, jobs, take }) => {
    const followers = jobs(5, NEXT)
    await settle(completed(await active(), { then: followers }))
    assert.deepEqual(ids(await take(5, NEXT)), ids(followers))
  }),

  rule(
    'A13.3',
    'a follow-up is a job like any other',
    ['state', 'delay', 'priority'],
    async ({ active, settle, job, record, nothing }) => {
      const [plain, late, urgent] = [
        job({ ...NEXT, name: 'a.name', payload: '{"a":1}', headers: { b: 'c' }, policy: '{}' }),
        job({ ...NEXT, delay: 600_000 }),
        job({ ...NEXT, priority: 1 }),
      ]
      await settle(completed(await active(), { then: [plain, late, urgent] }))
      const { name, payload, headers, policy, state, attempt } = await record(plain.id)
      assert.deepEqual(
        { name, payload, headers, policy, state, attempt },
        { name: 'a.name', payload: '{"a":1}', headers: { b: 'c' }, policy: '{}', state: 'waiting', attempt: 0 },
      )
      assert.equal((await record(late.id)).state, 'scheduled')
      assert.equal((await record(urgent.id)).priority, 1)
      await nothing('a follow-up came to the queue of its predecessor')
    },
  ),

  rule('A13.4', 'a follow-up wakes a claim that waits for its queue', async ({ active, settle, job, claim, time }) => {
    const held = await active()
    const waiting = claim({ ...NEXT, wait: 20 * time.unit })
    const follower = job(NEXT)
    await settle(completed(held, { then: [follower] }))
    assert.deepEqual(ids(await time.until(waiting, 'waking for a follow-up', 10 * time.unit)), [follower.id])
  }),

  rule(
    'A13.5',
    'a follower whose id exists is left as it is',
    ['state'],
    async ({ active, given, settle, record, state }) => {
      const known = await given(NEXT)
      const before = await record(known.id)
      const held = await active()
      await settle(completed(held, { then: [{ ...known, payload: '"other"' }] }))
      assert.equal(
        await state(held.lease.id),
        'completed',
        'a follower that exists already must not stop the settlement',
      )
      assert.deepEqual(await record(known.id), before)
    },
  ),

  rule(
    'A13.6',
    'of two followers with one id the first is stored',
    ['state'],
    async ({ active, settle, job, record, takeOne, nothing }) => {
      const follower = job(NEXT)
      await settle(completed(await active(), { then: [follower, { ...follower, payload: '"second"' }] }))
      assert.equal((await record(follower.id)).payload, follower.payload)
      await takeOne(NEXT)
      await nothing('one id made two followers', NEXT)
    },
  ),

  rule(
    'A13.7',
    'a settlement that is lost brings no follow-ups',
    ['state', 'atomicFollowUps'],
    async ({ active, backend, takeOne, job, nothing, time }) => {
      const stale = await active({}, { lease: time.unit })
      const held = await takeOne()
      const settlements = [
        completed(stale, { then: [job(NEXT)] }),
        dead(forged(held), { then: [job(NEXT)] }),
        completed({ lease: { ...held.lease, id: 'unknown' } }, { then: [job(NEXT)] }),
      ]
      assert.deepEqual(await backend.settle(settlements), ['lost', 'lost', 'lost'])
      await nothing('a settlement that was lost brought its follow-ups', NEXT)
    },
  ),

  rule(
    'A13.8',
    'a repeated settlement brings no second follow-ups',
    ['state', 'atomicFollowUps'],
    async ({ active, backend, job, takeOne, nothing }) => {
      const held = await active()
      const follower = job(NEXT)
      await backend.settle([completed(held, { then: [follower] })])
      assert.deepEqual(await backend.settle([completed(held, { then: [follower] })]), ['applied'])
      assert.deepEqual(await backend.settle([completed(held, { then: [job(NEXT)] })]), ['applied'])
      assert.equal((await takeOne(NEXT)).lease.id, follower.id)
      await nothing('a repeated settlement brought more follow-ups', NEXT)
    },
  ),

  rule(
    'A13.9',
    'two instances that settle at once bring the follow-ups of one',
    ['state', 'atomicFollowUps', 'two instances'],
    async ({ active, another, backend, job, claim, record }) => {
      const other = await another()
      for (let round = 0; round < 5; round++) {
        const held = await active()
        const [a, b] = [job(NEXT), job(NEXT)]
        await Promise.all([backend.settle([completed(held, { then: [a] })]), other.settle([dead(held, { then: [b] })])])
        const followers = await claim({ ...NEXT, limit: 5 })
        const winner = (await record(held.lease.id)).state === 'completed' ? a : b
        assert.deepEqual(ids(followers), [winner.id], 'the follow-ups are not those of the settlement that stands')
        await backend.settle(followers.map((each) => completed(each)))
      }
    },
  ),

  rule(
    'A13.10',
    'outcome and follow-ups become visible together',
    ['state', 'atomicFollowUps', 'two instances'],
    async ({ active, another, backend, jobs }) => {
      const other = await another()
      for (let round = 0; round < 10; round++) {
        const held = await active()
        const followers = jobs(3, NEXT)
        const asked = [held.lease.id, ...ids(followers)]
        const settled = backend.settle([completed(held, { then: followers })])
        await meanwhile(settled, async () => {
          const [outcome, ...rest] = await other.inspect.find(asked)
          const finished = outcome?.state === 'completed'
          const why = finished
            ? 'a job is finished and its follow-ups are missing'
            : 'follow-ups are there before the outcome'
          for (const follower of rest) assert.equal(follower !== undefined, finished, why)
        })
        assert.deepEqual(await settled, ['applied'])
      }
    },
  ),

  rule(
    'A13.11',
    'a follower whose key is taken is left out',
    ['unique'],
    async ({ active, given, settle, job, takeOne, nothing }) => {
      const key = { ...NEXT, unique: { key: 'the key' } }
      const holder = await given(key)
      await settle(completed(await active(), { then: [job(key)] }))
      assert.equal((await takeOne(NEXT)).lease.id, holder.id)
      await nothing('a follower with a taken key was stored', NEXT)
    },
  ),

  rule(
    'A13.12',
    'a follower of a group waits for its turn',
    ['group'],
    async ({ active, given, settle, job, takeOne, nothing }) => {
      const first = await given({ ...NEXT, group: 'g' })
      await settle(completed(await active(), { then: [job({ ...NEXT, group: 'g' })] }))
      assert.equal((await takeOne(NEXT)).lease.id, first.id)
      await nothing('two jobs of one group were active at once', NEXT)
    },
  ),

  rule('A13.13', 'settlements of one batch bring their follow-ups each', async ({ givenMany, take, settle, job }) => {
    await givenMany(10)
    const held = await take(10)
    const followers = held.map(() => job(NEXT))
    await settle(...held.map((each: ClaimedJob, index) => completed(each, { then: [followers[index]!] })))
    assert.deepEqual(ids(await take(10, NEXT)).toSorted(), ids(followers).toSorted())
  }),

  rule('A13.14', 'as many follow-ups as the limit allows', async ({ active, settle, jobs, take, limits }) => {
    const followers = jobs(Math.min(limits.enqueueBatch, 500), NEXT)
    await settle(completed(await active(), { then: followers }))
    assert.deepEqual(ids(await take(followers.length, NEXT)).toSorted(), ids(followers).toSorted())
  }),

  rule(
    'A13.15',
    'a retry brings its follow-ups once each time it settles',
    ['state', 'atomicFollowUps'],
    async ({ active, settle, takeOne, job, take }) => {
      const [a, b] = [job(NEXT), job(NEXT)]
      await settle(failed(await active(), { then: [a] }))
      await settle(returned(await takeOne(), { then: [b] }))
      assert.deepEqual(ids(await take(2, NEXT)).toSorted(), ids([a, b]).toSorted())
    },
  ),
])
