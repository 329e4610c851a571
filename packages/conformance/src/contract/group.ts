import assert from 'node:assert/strict'
import type { ClaimedJob } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import { cancelled, completed, dead, failed, returned } from '../stage/settlements.ts'
import { ids, STRANGE_KEYS } from '../stage/words.ts'

const G = { group: 'g' }

export const group = chapter('A10', 'groups', [
  rule('A10.1', 'of a group one job is given out at a time', ['group'], async ({ givenMany, takeOne, nothing }) => {
    await givenMany(3, G)
    await takeOne({ limit: 1 })
    await nothing('two jobs of one group were active at once')
  }),

  rule('A10.2', 'also within one claim', ['group'], async ({ givenMany, claim }) => {
    await givenMany(3, G)
    assert.equal((await claim({ limit: 3 })).length, 1, 'one claim gave several jobs of one group')
  }),

  rule('A10.3', 'one claim gives the first job of every group', ['group', 'fifo'], async ({ givenMany, claim }) => {
    const given = await givenMany(6, (index) => ({ group: `g${index % 3}` }))
    assert.deepEqual(ids(await claim({ limit: 6 })), ids(given.slice(0, 3)))
  }),

  rule(
    'A10.4',
    'the next starts when its predecessor is completed, dead or cancelled, in the order of the enqueue',
    ['group'],
    async ({ givenMany, takeOne, settle, nothing }) => {
      const given = await givenMany(4, G)
      for (const [index, end] of [completed, dead, cancelled, completed].entries()) {
        const held = await takeOne()
        assert.equal(held.lease.id, given[index]!.id, 'the jobs of a group were claimed out of order')
        await nothing('a group gave its next job before the one at work was finished')
        await settle(end(held))
      }
      await nothing('the group has more jobs than were enqueued')
    },
  ),

  rule(
    'A10.5',
    'a job that waits for its retry holds its group',
    ['group'],
    async ({ givenMany, takeOne, settle, nothing, time }) => {
      const [first, second] = await givenMany(2, G)
      const start = time.now()
      await settle(failed(await takeOne(), { delay: 2 * time.unit }))
      if (time.now() - start < time.unit) await nothing('a group went on although its first job waits for a retry')
      const again = await takeOne()
      assert.equal(again.lease.id, first!.id, 'a group went on although its first job waits for a retry')
      await settle(completed(again))
      assert.equal((await takeOne()).lease.id, second!.id)
    },
  ),

  rule(
    'A10.6',
    'a returned job is the next of its group',
    ['group'],
    async ({ givenMany, takeOne, settle, nothing }) => {
      const [first] = await givenMany(2, G)
      await settle(returned(await takeOne()))
      assert.equal((await takeOne()).lease.id, first!.id, 'a returned job lost its place in the group')
      await nothing('two jobs of one group were active at once')
    },
  ),

  rule(
    'A10.7',
    'a crashed job holds its group and is the next',
    ['group'],
    async ({ givenMany, takeOne, nothing, time, settle }) => {
      const [first, second] = await givenMany(2, G)
      await takeOne({ lease: time.unit })
      await time.pass(2 * time.unit)
      const again = await takeOne()
      assert.equal(again.lease.id, first!.id, 'a group went on although its first job crashed')
      await nothing('two jobs of one group were active at once')
      await settle(completed(again))
      assert.equal((await takeOne()).lease.id, second!.id)
    },
  ),

  rule(
    'A10.8',
    'a stale token does not let the next of the group start',
    ['group', 'state'],
    async ({ givenMany, takeOne, nothing, time, backend }) => {
      await givenMany(2, G)
      const stale = await takeOne({ lease: time.unit })
      await takeOne()
      await backend.settle([completed(stale)])
      await nothing('a stale token freed the group')
    },
  ),

  rule(
    'A10.9',
    'priority does not overtake inside a group',
    ['group', 'priority'],
    async ({ given, takeOne, settle }) => {
      const order = [await given(G), await given({ ...G, priority: 1 })]
      for (const { id } of order) {
        const held = await takeOne()
        assert.equal(held.lease.id, id, 'a job overtook inside its group')
        await settle(completed(held))
      }
    },
  ),

  rule(
    'A10.10',
    'the priority of its first job places a group among others',
    ['group', 'priority', 'fifo'],
    async ({ given, claim }) => {
      const plain = await given()
      const low = await given({ group: 'low' })
      await given({ group: 'low', priority: 1 })
      const high = await given({ group: 'high', priority: 1 })
      assert.deepEqual(ids(await claim({ limit: 5 })), [high.id, plain.id, low.id])
    },
  ),

  rule('A10.11', 'groups do not hold each other, nor jobs without one', ['group'], async ({ given, take }) => {
    await given(G)
    await given(G)
    const other = await given({ group: 'h' })
    const free = await given()
    const taken = ids(await take(3))
    assert.ok(taken.includes(other.id) && taken.includes(free.id), 'a busy group held jobs that are not its own')
  }),

  rule('A10.12', 'groups of different queues are different', ['group'], async ({ given, takeOne }) => {
    await given({ ...G, queue: 'a' })
    await given({ ...G, queue: 'b' })
    await takeOne({ queue: 'a' })
    await takeOne({ queue: 'b' })
  }),

  rule('A10.13', 'queue and group are never mixed up', ['group'], async ({ given, takeOne }) => {
    await given({ queue: 'a', group: 'b:c' })
    await given({ queue: 'a:b', group: 'c' })
    await takeOne({ queue: 'a' })
    await takeOne({ queue: 'a:b' })
  }),

  rule(
    'A10.14',
    'any text can be a group, told apart to the last code unit',
    ['group'],
    async ({ givenMany, take, nothing }) => {
      const groups = [...STRANGE_KEYS, 'group', 'Group', 'group ']
      await givenMany(2 * groups.length, (index) => ({ group: groups[index % groups.length]! }))
      const taken = await take(groups.length)
      assert.deepEqual(
        taken.map((held) => String(held.group)).toSorted(),
        [...groups].toSorted(),
        'two groups were taken for one, or one for two',
      )
      await nothing('two jobs of one group were active at once')
    },
  ),

  rule(
    'A10.15',
    'the next of a group wakes a waiting claim',
    ['group'],
    async ({ givenMany, takeOne, claim, settle, time }) => {
      const [, second] = await givenMany(2, G)
      const held = await takeOne()
      const waiting = claim({ wait: 20 * time.unit })
      await settle(completed(held))
      assert.deepEqual(ids(await time.until(waiting, 'waking for the next job of a group', 10 * time.unit)), [
        second!.id,
      ])
    },
  ),

  rule(
    'A10.16',
    'cancelling and removing the first job lets the next start',
    ['group', 'state'],
    async ({ givenMany, backend, takeOne }) => {
      const [a, b, c] = await givenMany(3, G)
      await backend.operate.cancel([{ id: a!.id, keep: 3_600_000 }])
      await backend.operate.remove([b!.id])
      assert.equal((await takeOne()).lease.id, c!.id)
    },
  ),

  rule(
    'A10.17',
    'cancelling one in the middle leaves the order of the others',
    ['group', 'state'],
    async ({ givenMany, backend, takeOne, settle, nothing }) => {
      const [a, b, c] = await givenMany(3, G)
      await backend.operate.cancel([{ id: b!.id, keep: 3_600_000 }])
      const held = await takeOne()
      assert.equal(held.lease.id, a!.id)
      await nothing('two jobs of one group were active at once')
      await settle(completed(held))
      assert.equal((await takeOne()).lease.id, c!.id)
    },
  ),

  rule(
    'A10.18',
    'asking to cancel an active job does not let the next start',
    ['group', 'state'],
    async ({ givenMany, backend, takeOne, nothing }) => {
      const [first] = await givenMany(2, G)
      await takeOne()
      assert.deepEqual(await backend.operate.cancel([{ id: first!.id, keep: 0 }]), ['requested'])
      await nothing('a group went on although its first job is still at work')
    },
  ),

  rule(
    'A10.19',
    'claimers in parallel never hold two jobs of one group, and finish them all in order',
    ['group', 'two instances'],
    async ({ backend, another, givenMany, claim, limits, time }) => {
      const other = await another()
      const given = await givenMany(60, (index) => ({ group: `g${index % 4}` }))
      const busy = new Set<string>()
      const done: ClaimedJob[] = []
      const work = async (by: typeof backend): Promise<void> => {
        while (done.length < given.length) {
          const claimed = await claim({
            by,
            limit: Math.min(3, limits.claimBatch),
            wait: time.virtual ? 0 : time.unit / 10,
          })
          for (const held of claimed) {
            assert.ok(!busy.has(held.group!), `two jobs of group ${held.group} were active at once`)
            busy.add(held.group!)
          }
          await new Promise((resolve) => setImmediate(resolve))
          for (const held of claimed) {
            busy.delete(held.group!)
            done.push(held)
            await by.settle([completed(held)])
          }
        }
      }
      await time.until(Promise.all([backend, other, backend, other].map(work)), 'finishing all groups', 100 * time.unit)
      for (let index = 0; index < 4; index++) {
        const order = (jobs: typeof given | typeof done): string[] =>
          ids(jobs.filter((each) => each.group === `g${index}`))
        assert.deepEqual(order(done), order(given), 'the jobs of a group ran out of order')
      }
    },
  ),

  rule('A10.20', 'a group may begin anew when it was empty', ['group'], async ({ active, settle, nothing }) => {
    await settle(completed(await active(G)))
    await active(G)
    await nothing('there was only one more job')
  }),

  rule(
    'A10.21',
    'a dead job that is sent back to work runs alone in its group',
    ['group', 'state'],
    async ({ givenMany, takeOne, settle, backend, claim, nothing }) => {
      const [first, second] = await givenMany(2, G)
      await settle(dead(await takeOne()))
      assert.deepEqual(await backend.operate.retry([first!.id]), [true])
      const [held, ...more] = await claim({ limit: 5 })
      assert.deepEqual(more, [], 'two jobs of one group were active at once')
      await settle(completed(held!))
      const last = await takeOne()
      assert.deepEqual([held!.lease.id, last.lease.id].toSorted(), [first!.id, second!.id].toSorted())
      await nothing('a group gave a job twice')
    },
  ),
])
