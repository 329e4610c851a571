import assert from 'node:assert/strict'
import { chapter, rule } from '../suite/case.ts'
import { completed, forged, returned } from '../stage/settlements.ts'
import { ids } from '../stage/words.ts'

const REQUEST = { queue: 'work', limit: 5, lease: 600_000 }

export const exchange = chapter('A15', 'exchange', [
  rule(
    'A15.1',
    'settles what is given and claims what is due, in one call',
    ['exchange', 'state'],
    async ({ active, given, backend, state }) => {
      const held = await active()
      const next = await given()
      const { settled, claimed } = await backend.exchange([completed(held)], REQUEST)
      assert.deepEqual([settled, ids(claimed)], [['applied'], [next.id]])
      assert.deepEqual([await state(held.lease.id), await state(next.id)], ['completed', 'active'])
    },
  ),

  rule('A15.2', 'settles before it claims', ['exchange', 'state'], async ({ active, backend }) => {
    const held = await active()
    const { settled, claimed } = await backend.exchange([returned(held)], REQUEST)
    assert.deepEqual(
      [settled, ids(claimed)],
      [['applied'], [held.lease.id]],
      'a job that was returned by the very call must be claimed',
    )
  }),

  rule(
    'A15.3',
    'a settlement lets the next of its group be claimed',
    ['exchange', 'group'],
    async ({ givenMany, takeOne, backend }) => {
      const [, second] = await givenMany(2, { group: 'g' })
      const { claimed } = await backend.exchange([completed(await takeOne())], REQUEST)
      assert.deepEqual(ids(claimed), [second!.id])
    },
  ),

  rule(
    'A15.4',
    'a follow-up can be claimed by the same call',
    ['exchange', 'atomicFollowUps'],
    async ({ active, job, backend }) => {
      const follower = job()
      const { claimed } = await backend.exchange([completed(await active(), { then: [follower] })], REQUEST)
      assert.deepEqual(ids(claimed), [follower.id])
    },
  ),

  rule('A15.5', 'does not wait for jobs', ['exchange'], async ({ backend, time }) => {
    assert.deepEqual(await time.until(backend.exchange([], REQUEST), 'an exchange on an empty queue', 2_000), {
      settled: [],
      claimed: [],
    })
  }),

  rule(
    'A15.6',
    'answers settlements by index, and lost ones do not stop the claim',
    ['exchange', 'state'],
    async ({ active, given, backend }) => {
      const held = await active()
      const next = await given()
      const { settled, claimed } = await backend.exchange(
        [completed(forged(held)), completed(held), completed(held)],
        REQUEST,
      )
      assert.deepEqual([settled, ids(claimed)], [['lost', 'applied', 'applied'], [next.id]])
    },
  ),

  rule(
    'A15.7',
    'respects limit, pause and order like claim',
    ['exchange', 'state', 'fifo'],
    async ({ givenMany, backend, queue }) => {
      const given = await givenMany(7)
      const { claimed } = await backend.exchange([], REQUEST)
      assert.deepEqual(ids(claimed), ids(given.slice(0, 5)))
      await backend.operate.pause(queue)
      const { settled, claimed: none } = await backend.exchange(
        claimed.map((held) => completed(held)),
        REQUEST,
      )
      assert.deepEqual(
        [new Set(settled), none],
        [new Set(['applied']), []],
        'a paused queue still settles, and gives nothing',
      )
    },
  ),

  rule(
    'A15.8',
    'settles jobs of one queue and claims from another',
    ['exchange', 'state'],
    async ({ active, given, backend }) => {
      const held = await active({ queue: 'other' })
      const next = await given()
      const { settled, claimed } = await backend.exchange([completed(held)], REQUEST)
      assert.deepEqual([settled, ids(claimed)], [['applied'], [next.id]])
    },
  ),

  rule(
    'A15.9',
    'a stale token neither settles nor stops the claim',
    ['exchange', 'state'],
    async ({ active, takeOne, backend, time, state }) => {
      const stale = await active({}, { lease: time.unit })
      const held = await takeOne()
      const { settled, claimed } = await backend.exchange([completed(stale)], REQUEST)
      assert.deepEqual([settled, claimed, await state(held.lease.id)], [['lost'], [], 'active'])
    },
  ),
])
