import assert from 'node:assert/strict'
import type { ClaimedJob, Ms } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import { completed, forged, returned } from '../stage/settlements.ts'
import { ids } from '../stage/words.ts'

const HOUR: Ms = 3_600_000

export const lease = chapter('A4', 'lease', [
  rule(
    'A4.1',
    'a job whose lease ran out is claimable again, and not before',
    async ({ active, takeOne, time, limits }) => {
      const start = time.now()
      const held = await active({}, { lease: 2 * time.unit })
      const again = await takeOne()
      assert.equal(again.lease.id, held.lease.id)
      assert.ok(time.now() - start >= 2 * time.unit - limits.tick, 'a job was claimable before its lease had ended')
      assert.notEqual(again.lease.token, held.lease.token, 'a token was handed out twice')
    },
  ),

  rule(
    'A4.2',
    'within a second and a tick after the lease the job is claimable',
    async ({ active, claim, time, limits }) => {
      await active({}, { lease: 2 * time.unit })
      await time.pass(2 * time.unit + 1_000 + limits.tick)
      assert.equal((await claim()).length, 1, 'a crashed job is not claimable although its lease ended a second ago')
    },
  ),

  rule(
    'A4.3',
    'jobs of one batch that are settled do not come back with those that are not',
    ['state'],
    async ({ givenMany, take, settle, time }) => {
      await givenMany(5)
      const held = await take(5, { lease: 2 * time.unit })
      await settle(...held.slice(0, 3).map((each) => completed(each)))
      await time.pass(3 * time.unit)
      assert.deepEqual(ids(await take(2)).toSorted(), ids(held.slice(3)).toSorted())
    },
  ),

  rule('A4.4', 'jobs claimed with different leases expire one by one', async ({ given, takeOne, time }) => {
    await given()
    await given()
    const long = await takeOne({ lease: 8 * time.unit })
    const short = await takeOne({ lease: 2 * time.unit })
    assert.deepEqual([(await takeOne()).lease.id, (await takeOne()).lease.id], [short.lease.id, long.lease.id])
  }),

  rule('A4.5', 'an empty batch of extensions is answered by an empty batch', async ({ backend, time }) => {
    assert.deepEqual(await backend.extend([], time.unit), [])
  }),

  rule(
    'A4.6',
    'an extended lease lasts from the extension on',
    ['state'],
    async ({ active, backend, takeOne, time, limits }) => {
      const held = await active({}, { lease: 4 * time.unit })
      await time.pass(time.unit)
      const start = time.now()
      assert.deepEqual(await backend.extend([held.lease], 6 * time.unit), ['applied'])
      await takeOne()
      assert.ok(
        time.now() - start >= 6 * time.unit - limits.tick,
        'a job was claimable before its extended lease had ended',
      )
    },
  ),

  rule('A4.7', 'an extension may also shorten a lease', ['state'], async ({ active, backend, takeOne, time }) => {
    const held = await active({}, { lease: HOUR })
    assert.deepEqual(await backend.extend([held.lease], time.unit), ['applied'])
    assert.equal((await takeOne()).lease.id, held.lease.id)
  }),

  rule('A4.8', 'a lease can be extended again and again', ['state'], async ({ active, backend, nothing, time }) => {
    const held = await active({}, { lease: 3 * time.unit })
    for (let round = 0; round < 4; round++) {
      await time.pass(time.unit)
      assert.deepEqual(await backend.extend([held.lease], 20 * time.unit), ['applied'])
    }
    await nothing('a job was claimable while its lease was extended regularly')
    assert.deepEqual(await backend.settle([completed(held)]), ['applied'])
  }),

  rule(
    'A4.9',
    'an extension by a stale token is lost and leaves the lease of the new claim alone',
    ['state'],
    async ({ active, backend, takeOne, time }) => {
      const stale = await active({}, { lease: time.unit })
      const held = await takeOne({ lease: 2 * time.unit })
      assert.deepEqual(
        await backend.extend([stale.lease], HOUR),
        ['lost'],
        'a claim that lost its lease could extend it',
      )
      assert.equal((await takeOne()).lease.id, held.lease.id, 'a stale token prolonged the lease of another claim')
    },
  ),

  rule('A4.10', 'an extension by a forged token is lost', ['state'], async ({ active, backend, takeOne, time }) => {
    const held = await active({}, { lease: 2 * time.unit })
    assert.deepEqual(await backend.extend([forged(held).lease], HOUR), ['lost'])
    assert.equal((await takeOne()).lease.id, held.lease.id)
  }),

  rule(
    'A4.11',
    'an extension of a job that is finished, returned, unknown or malformed is lost',
    ['state'],
    async ({ active, backend, settle }) => {
      const [finished, back] = [await active({ queue: 'a' }), await active({ queue: 'b' })]
      await settle(completed(finished), returned(back))
      const unknown = { ...finished.lease, id: 'unknown' }
      const malformed = { ...back.lease, token: '' }
      assert.deepEqual(await backend.extend([finished.lease, back.lease, unknown, malformed], HOUR), [
        'lost',
        'lost',
        'lost',
        'lost',
      ])
    },
  ),

  rule(
    'A4.12',
    'an extension of a returned job does not hide it',
    ['state'],
    async ({ active, backend, settle, takeOne }) => {
      const held = await active()
      await settle(returned(held))
      await backend.extend([held.lease], HOUR)
      await takeOne()
    },
  ),

  rule(
    'A4.13',
    'a batch of extensions is answered by index, and one lost entry does not spoil the others',
    ['state'],
    async ({ givenMany, take, backend, nothing, time }) => {
      await givenMany(3)
      const [a, b, c] = (await take(3, { lease: 2 * time.unit })) as [ClaimedJob, ClaimedJob, ClaimedJob]
      assert.deepEqual(await backend.extend([a.lease, forged(b).lease, c.lease, b.lease], HOUR), [
        'applied',
        'lost',
        'applied',
        'applied',
      ])
      await time.pass(3 * time.unit)
      await nothing('an extended lease ran out')
    },
  ),

  rule(
    'A4.14',
    'leases of several queues are extended in one batch',
    ['state'],
    async ({ active, backend, nothing, time }) => {
      const [a, b] = [
        await active({ queue: 'a' }, { lease: 2 * time.unit }),
        await active({ queue: 'b' }, { lease: 2 * time.unit }),
      ]
      assert.deepEqual(await backend.extend([b.lease, a.lease], HOUR), ['applied', 'applied'])
      await time.pass(3 * time.unit)
      await nothing('an extended lease ran out', { queue: 'a' })
      await nothing('an extended lease ran out', { queue: 'b' })
    },
  ),

  rule(
    'A4.15',
    'a lease that ran out can be extended while nobody has taken over',
    ['state'],
    async ({ active, backend, nothing, time, takeOne }) => {
      const held = await active({}, { lease: time.unit })
      await time.pass(2 * time.unit)
      assert.deepEqual(await backend.extend([held.lease], 6 * time.unit), ['applied'])
      await nothing('a lease that was extended late did not hold')
      assert.equal((await takeOne()).crashes, 1)
    },
  ),

  rule(
    'A4.16',
    'another instance may extend',
    ['state', 'two instances'],
    async ({ active, another, nothing, time }) => {
      const held = await active({}, { lease: 2 * time.unit })
      const other = await another()
      assert.deepEqual(await other.extend([held.lease], HOUR), ['applied'])
      await time.pass(3 * time.unit)
      await nothing('a lease that another instance extended ran out')
    },
  ),

  rule(
    'A4.17',
    'a batch of extensions at the limit is answered whole',
    ['state'],
    async ({ givenMany, take, backend, limits }) => {
      const count = Math.min(limits.settleBatch, 1_000)
      await givenMany(count)
      const leases = (await take(count)).map((held) => held.lease)
      assert.deepEqual(new Set(await backend.extend(leases, HOUR)), new Set(['applied']))
    },
  ),

  rule('A4.18', 'the longest lease is accepted', async ({ active, nothing, limits }) => {
    await active({}, { lease: Math.min(limits.lease, 100 * 365 * 86_400_000) })
    await nothing('a job with the longest lease was claimable at once')
  }),

  rule('A4.19', 'the shortest lease, one tick, is accepted and ends', async ({ active, takeOne, limits }) => {
    const held = await active({}, { lease: limits.tick })
    assert.equal((await takeOne()).lease.id, held.lease.id)
  }),

  rule('A4.20', "a crash does not lose the job's contents", async ({ active, takeOne, time }) => {
    const held = await active({ payload: '{"a":1}', headers: { b: '2' }, policy: '{"c":3}' }, { lease: time.unit })
    const { payload, headers, policy, name } = await takeOne()
    assert.deepEqual(
      { payload, headers, policy, name },
      { payload: held.payload, headers: held.headers, policy: held.policy, name: held.name },
    )
  }),

  rule(
    'A4.21',
    'the clock of the client an hour ahead changes nothing',
    ['long leases'],
    async ({ active, backend, nothing, given, features, settle }) => {
      const held = await active({}, { lease: 600_000 })
      if (features.delay) await given({ delay: 600_000 })
      await shifted(HOUR, async () => {
        await nothing("a lease ended, or a delay was over, because the client's clock is ahead")
        if (features.state) assert.deepEqual(await backend.extend([held.lease], 600_000), ['applied'])
      })
      await nothing("a lease that was extended while the client's clock was ahead did not hold")
      await settle(completed(held))
    },
  ),

  rule(
    'A4.22',
    "a claim made with the client's clock an hour ahead or behind lasts as long as any",
    async ({ given, takeOne, time, limits }) => {
      for (const shift of [HOUR, -HOUR]) {
        const { id } = await given()
        const start = time.now()
        await shifted(shift, () => takeOne({ lease: 2 * time.unit }))
        const again = await takeOne()
        assert.equal(again.lease.id, id)
        assert.ok(
          time.now() - start >= 2 * time.unit - limits.tick,
          "a lease ended early because the client's clock was off",
        )
      }
    },
  ),

  rule(
    'A4.23',
    "a delay given with the client's clock an hour ahead or behind lasts as long as any",
    ['delay'],
    async ({ given, takeOne, time, limits, nothing }) => {
      for (const shift of [HOUR, -HOUR]) {
        const start = time.now()
        const { id } = await shifted(shift, () => given({ delay: 2 * time.unit }))
        if (time.now() - start < time.unit) await nothing("a delay was over at once because the client's clock was off")
        assert.equal((await takeOne()).lease.id, id)
        assert.ok(
          time.now() - start >= 2 * time.unit - limits.tick,
          "a delay was over early because the client's clock was off",
        )
      }
    },
  ),
])

/** Runs `body` in a process whose wall clock is off. */
async function shifted<T>(by: Ms, body: () => Promise<T>): Promise<T> {
  const { now } = Date
  Date.now = () => now() + by
  try {
    return await body()
  } finally {
    Date.now = now
  }
}
