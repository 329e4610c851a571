import assert from 'node:assert/strict'
import { completed, failed } from '../stage/settlements.ts'
import { storeCase, type StoreCase } from './store-case.ts'
import { LONG } from './store-stage.ts'

/** What has to be sent, and when: of every job that is not finished there is a message, a lease that runs, or one of these. */
export const sending: readonly StoreCase[] = [
  storeCase(
    'what nobody confirms as sent is given out after the grace, whole, and again when its lease ends',
    async ({ store, job, handOff, unit, pass, due }) => {
      const [confirmed, lost] = [job(), job({ policy: '{"p":1}', priority: 2 })]
      await store.insert([confirmed, lost], handOff)
      await store.sent([{ id: confirmed.id, sending: '' }])
      assert.deepEqual(await due(), [])
      await pass(3 * unit)
      assert.deepEqual(await store.due(10, 4 * unit), [{ job: lost, sending: '', origin: 'here' }])
      await pass(unit)
      assert.deepEqual(await due(), [], 'what is being sent was given out again')
      await pass(4 * unit)
      const [again] = await store.due(10, unit)
      assert.deepEqual(again?.job, lost)
      await store.sent([{ id: lost.id, sending: again.sending }])
      await pass(2 * unit)
      assert.deepEqual(await due(), [])
    },
  ),

  storeCase(
    'two that look at the same time are given different jobs',
    async ({ store, another, job, handOff, unit, pass }) => {
      const other = await another()
      await store.insert([job(), job(), job(), job()], handOff)
      await pass(3 * unit)
      const given = await Promise.all([store.due(2, LONG), other.due(2, LONG)])
      assert.equal(new Set(given.flat().map((each) => each.job.id)).size, given.flat().length)
    },
  ),

  storeCase(
    'a longer delay than the hand-off is kept here until then, a shorter one is not',
    async ({ store, job, handOff, unit, pass, due }) => {
      const [long, short] = [job({ delay: 6 * unit }), job({ delay: unit })]
      await store.insert([long, short], handOff)
      await store.sent([{ id: short.id, sending: '' }])
      await pass(4 * unit)
      assert.deepEqual(await due(), [])
      assert.equal((await store.inspect.find([long.id]))[0]?.state, 'scheduled')
      await pass(3 * unit)
      assert.deepEqual(await due(), [long.id])
    },
  ),

  storeCase(
    'a job that has begun need not be confirmed',
    async ({ store, job, handOff, unit, pass, due, delivery, begin }) => {
      const created = job()
      await store.insert([created], handOff)
      await begin(delivery(created))
      await pass(3 * unit)
      assert.deepEqual(await due(), [])
    },
  ),

  storeCase(
    'a confirmation that comes late is none of a later sending',
    async ({ store, job, handOff, unit, pass, due, start }) => {
      const created = job()
      await store.insert([created], handOff)
      const claim = await start(created)
      await store.apply([failed(claim, { delay: 4 * unit })], handOff)
      await store.sent([{ id: created.id, sending: '' }])
      await pass(5 * unit)
      assert.deepEqual(
        await due(),
        [created.id],
        'the confirmation of the first sending was taken for one of the retry',
      )
    },
  ),

  storeCase(
    'a retry is given out when its delay is over, however short that is, and not when it is confirmed',
    async ({ store, active, handOff, unit, pass, due }) => {
      const [now, short, long] = [await active(), await active(), await active()]
      await store.apply([failed(now), failed(short, { delay: unit }), failed(long, { delay: 4 * unit })], handOff)
      const [given] = await store.due(10, 2 * unit)
      assert.equal(given?.job.id, now.lease.id)
      await store.sent([
        { id: now.lease.id, sending: given.sending },
        { id: short.lease.id, sending: '' },
      ])
      assert.deepEqual(await due(), [])
      await pass(2 * unit)
      assert.deepEqual(await due(), [short.lease.id])
      await pass(3 * unit)
      assert.deepEqual(await due(), [long.lease.id])
    },
  ),

  storeCase(
    'a job whose lease ran out is given out once, and again after the next',
    async ({ store, active, unit, pass, due, delivery, begin, job }) => {
      const claim = await active({}, unit)
      assert.deepEqual(await due(), [])
      await pass(2 * unit)
      const [given] = await store.due(10, LONG)
      assert.equal(given?.job.id, claim.lease.id, 'a crashed job whose message is gone would never run again')
      await store.sent([{ id: claim.lease.id, sending: given.sending }])
      await pass(2 * unit)
      assert.deepEqual(await due(), [])
      const next = delivery(job({ id: claim.lease.id }))
      assert.notEqual(await begin(next, unit), 'stale')
      await pass(2 * unit)
      assert.deepEqual(await due(), [claim.lease.id])
    },
  ),

  storeCase(
    'a job that was returned after its lease ran out is given out when the next one does',
    async ({ store, active, handOff, unit, pass, due, delivery, begin, job }) => {
      const claim = await active({}, unit)
      await pass(2 * unit)
      assert.deepEqual(await due(), [claim.lease.id])
      assert.deepEqual(await store.apply([failed(claim)], handOff), ['applied'])
      assert.notEqual(await begin(delivery(job({ id: claim.lease.id })), unit), 'stale')
      await pass(2 * unit)
      assert.deepEqual(await due(), [claim.lease.id], 'it was seen before that its lease ran out, but of another')
    },
  ),

  storeCase(
    'a lease that is extended, late or in time, is not given out before its new end',
    async ({ store, active, unit, pass, due }) => {
      const [early, late] = [await active({}, 2 * unit), await active({}, unit)]
      await store.extend([early.lease], 100 * unit)
      await pass(2 * unit)
      assert.deepEqual(
        (await store.due(10, unit)).map((unsent) => unsent.job.id),
        [late.lease.id],
      )
      assert.deepEqual(await store.extend([late.lease], 6 * unit), ['applied'])
      await pass(2 * unit)
      assert.deepEqual(await due(), [])
      await pass(5 * unit)
      assert.deepEqual(await due(), [late.lease.id])
    },
  ),

  storeCase(
    'a message that comes before its time is stale, and the job is given out in time',
    async ({ given, unit, pass, due, delivery, begin }) => {
      const early = await given({ delay: unit })
      assert.equal(await begin(delivery(early)), 'stale')
      assert.deepEqual(await due(), [])
      await pass(2 * unit)
      assert.deepEqual(await due(), [early.id], 'the message was acknowledged, and no other comes')
    },
  ),

  storeCase(
    'what follows is inserted in the same write, once, and given out when it is not sent',
    async ({ store, active, job, handOff, unit, pass, due }) => {
      const [claim, other] = [await active(), await active()]
      const follower = job({ queue: 'next' })
      const settlement = completed(claim, { keep: 0, then: [follower] })
      const stale = completed({ lease: { ...other.lease, token: '1:x' } }, { then: [job()] })
      assert.deepEqual(await store.apply([stale, settlement, settlement], handOff), ['lost', 'applied', 'applied'])
      assert.equal((await store.inspect.counts('next')).waiting, 1)
      await pass(3 * unit)
      assert.deepEqual(await due(), [follower.id])
    },
  ),

  storeCase(
    'what an operator sends back to work is given out at once',
    async ({ store, active, given, handOff, unit, due }) => {
      const [finished, delayed] = [await active(), await given({ delay: 4 * unit })]
      await store.apply([completed(finished)], handOff)
      assert.deepEqual(await due(), [])
      assert.deepEqual(await store.operate.retry([finished.lease.id, delayed.id]), [true, true])
      assert.deepEqual([...(await due())].toSorted(), [finished.lease.id, delayed.id].toSorted())
    },
  ),

  storeCase('what follows from a cancellation is given out at once', async ({ store, given, job, due }) => {
    const [cancelled, follower] = [await given(), job()]
    await store.operate.cancel([{ id: cancelled.id, keep: LONG, then: [follower] }])
    assert.deepEqual(await due(), [follower.id])
  }),

  storeCase(
    'what was removed, cancelled or finished meanwhile is not given out',
    async ({ store, job, handOff, unit, pass, due, start }) => {
      const [removed, cancelled, finished] = [job(), job(), job()]
      await store.insert([removed, cancelled, finished], handOff)
      await store.apply([completed(await start(finished))], handOff)
      await store.operate.remove([removed.id])
      await store.operate.cancel([{ id: cancelled.id, keep: LONG }])
      await pass(3 * unit)
      assert.deepEqual(await due(), [])
    },
  ),

  storeCase(
    'while a queue is paused nothing begins, and what came is given out when it is resumed',
    async ({ store, given, active, unit, pass, due, delivery, begin, job }) => {
      const [waiting, crashed] = [await given(), await active({}, unit)]
      const other = await given({ queue: 'other' })
      await store.operate.pause('work')
      await pass(2 * unit)
      assert.equal(await begin(delivery(waiting)), 'paused')
      assert.equal(await begin(delivery(job({ id: crashed.lease.id }))), 'paused')
      assert.deepEqual(await begin(crashed), await begin(crashed), 'a claim that runs goes on')
      assert.notEqual(await begin(delivery(other)), 'paused')
      assert.deepEqual(await due(), [])
      assert.equal((await store.inspect.find([waiting.id]))[0]?.state, 'waiting')
      await store.operate.resume('work')
      assert.deepEqual([...(await due())].toSorted(), [waiting.id, crashed.lease.id].toSorted())
      await store.sent([{ id: waiting.id, sending: '' }])
      assert.deepEqual(await begin(delivery(waiting)).then((begun) => typeof begun), 'object')
    },
  ),

  storeCase('a job that is removed leaves nothing to be sent', async ({ store, job, handOff, footprint }) => {
    const removed = job()
    await store.insert([removed], handOff)
    assert.deepEqual(await store.operate.remove([removed.id]), [true])
    if (footprint !== undefined) assert.equal(await footprint(), 0)
  }),
]
