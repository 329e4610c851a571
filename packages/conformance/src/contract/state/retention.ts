import assert from 'node:assert/strict'
import type { ClaimedJob } from '@jobport/core/adapter'
import { rule, type Case } from '../../suite/case.ts'
import { cancelled, completed, dead } from '../../stage/settlements.ts'
import { countsOf, NONE } from '../../stage/words.ts'

export const retention: readonly Case[] = [
  rule('A6.16', 'a finished record is readable for its keep', ['state'], async (stage) => {
    const { active, settle, state, time, backend, queue } = stage
    const held = await active()
    const start = time.now()
    await settle(completed(held, { keep: 4 * time.unit }))
    await time.pass(time.unit)
    if (time.now() - start < 3 * time.unit)
      assert.equal(await state(held.lease.id), 'completed', 'a record vanished before its keep was over')
    await time.pass(4 * time.unit)
    assert.equal(await state(held.lease.id), 'gone', 'find shows a record whose keep is over')
    assert.deepEqual(await countsOf(stage), NONE, 'counts has a record whose keep is over')
    assert.deepEqual(
      (await backend.inspect.list({ queue, state: 'completed', limit: 5 })).jobs,
      [],
      'list shows a record whose keep is over',
    )
    assert.deepEqual(await backend.inspect.queues(), [], 'queues has a queue whose records are gone')
  }),

  rule('A6.17', 'each record has a keep of its own', ['state'], async ({ givenMany, take, settle, state, time }) => {
    await givenMany(3)
    const [a, b, c] = (await take(3)) as [ClaimedJob, ClaimedJob, ClaimedJob]
    await settle(completed(a, { keep: 3_600_000 }), dead(b, { keep: time.unit }), cancelled(c, { keep: 0 }))
    await time.pass(2 * time.unit)
    assert.deepEqual(await Promise.all([a, b, c].map(({ lease }) => state(lease.id))), ['completed', 'gone', 'gone'])
  }),

  rule('A6.18', 'with keep 0 the record is gone at once', ['state'], async (stage) => {
    const { active, settle, state, backend } = stage
    const held = await active()
    await settle(completed(held, { keep: 0 }))
    assert.equal(await state(held.lease.id), 'gone')
    assert.deepEqual(await countsOf(stage), NONE)
    assert.deepEqual(await backend.inspect.queues(), [])
  }),

  rule(
    'A6.19',
    'in the end nothing is left of jobs that finished, not a row',
    ['state', 'footprint', 'virtual time'],
    async ({ harness, namespace, givenMany, take, settle, time, claim, backend, features }) => {
      const count = 50
      await givenMany(count, (index) => ({
        ...(features.unique && { unique: { key: `${index}` } }),
        ...(features.group && index % 5 === 0 && { group: 'g' }),
      }))
      for (let done = 0; done < count;) {
        const held = await take(1, { limit: 20 })
        await settle(
          ...held.map((each, index) =>
            index % 2 === 0 ? completed(each, { keep: 0 }) : dead(each, { keep: time.unit }),
          ),
        )
        done += held.length
      }
      for (let round = 0; round < 40 && (await harness.footprint!(namespace)) > 0; round++) {
        await time.pass(60_000)
        await claim()
        await backend.settle([])
      }
      assert.equal(await harness.footprint!(namespace), 0, 'rows or keys are left for ever')
    },
  ),
]
