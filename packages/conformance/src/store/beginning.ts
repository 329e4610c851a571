import assert from 'node:assert/strict'
import type { Lease } from '@jobport/core/adapter'
import { completed, dead, failed, returned } from '../stage/settlements.ts'
import { storeCase, type StoreCase } from './store-case.ts'
import { FIRST, LONG } from './store-stage.ts'

const attempt = (id: string): Lease => ({ id, queue: 'work', token: 'random' })

/** Which deliveries may run, and which of them decides a job. */
export const beginning: readonly StoreCase[] = [
  storeCase('jobs are recorded once, by id and by unique key', async ({ store, job, handOff }) => {
    const created = job({ unique: { key: 'k' } })
    assert.deepEqual(await store.insert([created, created, job({ unique: { key: 'k' } })], handOff), [
      { status: 'enqueued' },
      { status: 'duplicate', of: created.id },
      { status: 'duplicate', of: created.id },
    ])
    const [record] = await store.inspect.find([created.id])
    assert.deepEqual([record?.state, record?.unique, record?.headers], ['waiting', 'k', { h: '1' }])
  }),

  storeCase(
    'an attempt begins, also when that is repeated, and ends',
    async ({ store, given, delivery, begin, handOff }) => {
      const job = await given()
      const claim = delivery(job)
      const begun = await begin(claim)
      assert.ok(typeof begun === 'object')
      const { enqueuedAt, lease, ...rest } = begun
      assert.deepEqual([lease.id, lease.queue, rest], [job.id, 'work', FIRST])
      assert.deepEqual(await begin(claim), begun)
      const [record] = await store.inspect.find([job.id])
      assert.deepEqual([record?.state, record?.attempt, record?.enqueuedAt], ['active', 1, enqueuedAt])
      const settlement = completed({ lease }, { result: '"é"' })
      assert.deepEqual(await store.apply([settlement], handOff), ['applied'])
      assert.deepEqual(await store.apply([settlement], handOff), ['applied'])
      assert.equal((await store.inspect.find([job.id]))[0]?.result, '"é"')
    },
  ),

  storeCase(
    'a message of a job that is finished, removed or unknown is stale',
    async ({ store, given, active, delivery, begin, job, handOff }) => {
      const [finished, kept, removed] = [await active(), await active(), await given()]
      await store.apply([completed(finished, { keep: 0 }), completed(kept)], handOff)
      await store.operate.remove([removed.id])
      assert.equal(await begin(delivery(job({ id: finished.lease.id }))), 'stale')
      assert.equal(await begin(delivery(job({ id: kept.lease.id }))), 'stale')
      assert.equal(await begin(delivery(removed)), 'stale')
      assert.equal(await begin(delivery(job())), 'stale')
    },
  ),

  storeCase('what is unknown among others takes nobody’s place', async ({ store, job, handOff, due }) => {
    const jobs = [job(), job(), job(), job(), job()]
    await store.insert(jobs, { ...handOff, grace: 0 })
    const ids = jobs.map(({ id }) => id)
    const begun = await store.begin([ids[0]!, ids[1]!, 'nobody', ids[3]!, ids[4]!].map(attempt), LONG)
    assert.deepEqual(
      begun.map((each) => (typeof each === 'string' ? each : each.lease.id)),
      [ids[0], ids[1], 'stale', ids[3], ids[4]],
    )
    assert.deepEqual(await due(), [ids[2]])
    assert.equal((await store.inspect.find([ids[2]!]))[0]?.state, 'waiting')
  }),

  storeCase(
    'a second message of a job that is held does not run, whatever its number',
    async ({ store, active, delivery, begin, job, handOff }) => {
      const held = await active()
      const second = { ...delivery(job({ id: held.lease.id })), attempt: 7 }
      assert.equal(await begin(second), 'stale', 'two workers have one job at a time')
      assert.deepEqual(await store.apply([completed(second)], handOff), ['lost'])
      assert.deepEqual(await store.apply([completed(held)], handOff), ['applied'])
    },
  ),

  storeCase(
    'after a lease the next delivery takes over, and only its token settles',
    async ({ store, active, delivery, begin, job, unit, pass, handOff }) => {
      const stale = await active({}, unit)
      await pass(2 * unit)
      const held = await begin(delivery(job({ id: stale.lease.id })))
      assert.ok(typeof held === 'object')
      assert.deepEqual([held.attempt, held.crashes], [2, 1])
      assert.equal(await begin(stale), 'stale')
      assert.deepEqual(await store.extend([stale.lease, held.lease], LONG), ['lost', 'applied'])
      assert.deepEqual(await store.apply([completed(stale)], handOff), ['lost'])
      assert.deepEqual(await store.apply([dead(held, { error: '"e"' })], handOff), ['applied'])
      assert.deepEqual((await store.inspect.find([held.lease.id]))[0]?.errors, ['"e"'])
    },
  ),

  storeCase(
    'a lease that ran out may still settle or be extended while nobody has taken over',
    async ({ store, active, unit, pass, handOff }) => {
      const [one, two] = [await active({}, unit), await active({}, unit)]
      await pass(2 * unit)
      assert.deepEqual(await store.extend([one.lease], LONG), ['applied'])
      assert.deepEqual(await store.apply([completed(one), completed(two)], handOff), ['applied', 'applied'])
    },
  ),

  storeCase('a claim that returned its job does not begin it again', async ({ store, active, begin, handOff, due }) => {
    const claim = await active()
    await store.apply([returned(claim)], handOff)
    assert.equal(await begin(claim), 'stale')
    assert.deepEqual(await due(), [claim.lease.id], 'its message was acknowledged, and no other comes')
  }),

  storeCase(
    'retries count failures, and the message of any sending begins them',
    async ({ store, active, delivery, begin, job, unit, pass, handOff }) => {
      const claim = await active()
      await store.apply([failed(claim, { delay: unit })], handOff)
      await pass(2 * unit)
      const begun = await begin(delivery(job({ id: claim.lease.id })))
      assert.ok(typeof begun === 'object')
      assert.deepEqual([begun.attempt, begun.failures, begun.crashes], [2, 1, 0])
    },
  ),

  storeCase(
    'a wish to cancel reaches the holder and the next claim',
    async ({ store, active, delivery, begin, job, unit, pass }) => {
      const claim = await active()
      assert.deepEqual(await store.operate.cancel([{ id: claim.lease.id, keep: LONG }]), ['requested'])
      assert.deepEqual(await store.extend([claim.lease], unit), ['cancelled'])
      await pass(2 * unit)
      const begun = await begin(delivery(job({ id: claim.lease.id })))
      assert.ok(typeof begun === 'object' && begun.cancelRequested === true)
    },
  ),

  storeCase('an operator starts a job over', async ({ store, active, delivery, begin, job, handOff }) => {
    const claim = await active()
    await store.apply([dead(claim)], handOff)
    assert.deepEqual(await store.operate.retry([claim.lease.id]), [true])
    const begun = await begin(delivery(job({ id: claim.lease.id })))
    assert.ok(typeof begun === 'object')
    assert.deepEqual([begun.attempt, begun.failures, begun.crashes, begun.redrives], [2, 0, 0, 1])
  }),

  storeCase(
    'reports of those that hold their job are stored, and count crashes',
    async ({ store, active, delivery, begin, job, unit, pass }) => {
      const claim = await active({}, unit)
      const news = { progress: '0.5', logs: ['"a"', '"b"'], begun: true } as const
      const forged = { ...claim.lease, token: '1:y' }
      assert.deepEqual(
        await store.report([
          { lease: claim.lease, ...news },
          { lease: forged, ...news },
        ]),
        ['applied', 'lost'],
      )
      const [record] = await store.inspect.find([claim.lease.id])
      assert.deepEqual([record?.progress, record?.logs], ['0.5', ['"a"', '"b"']])
      const crashes: number[] = []
      for (let round = 0; round < 2; round++) {
        await pass(2 * unit)
        const begun = await begin(delivery(job({ id: claim.lease.id })), unit)
        crashes.push(typeof begun === 'object' ? begun.crashes : -1)
      }
      assert.deepEqual(crashes, [1, 1])
    },
  ),

  storeCase(
    'an outcome that can never be stored is refused, unless its claim is over',
    async ({ store, active, handOff }) => {
      const claim = await active()
      const bad = completed(claim, { keep: -1 })
      assert.equal(((await store.apply([bad], handOff))[0] as { code?: string }).code, 'invalid')
      assert.deepEqual(await store.apply([completed(claim), bad], handOff), ['applied', 'applied'])
    },
  ),

  storeCase(
    'each call that brings jobs leaves its origin',
    async ({ store, job, delivery, begin, active, handOff }) => {
      const first = await active()
      const [follower, again] = [job(), job()]
      await store.apply([completed(first, { then: [follower] })], { ...handOff, origin: 'there' })
      await store.insert([again], handOff)
      await store.operate.remove([again.id])
      await store.insert([again], { ...handOff, origin: 'anew' })
      const begun = [await begin(delivery(follower)), await begin(delivery(again))]
      assert.deepEqual(
        begun.map((each) => typeof each === 'object' && each.origin),
        ['there', 'anew'],
      )
    },
  ),
]
