import assert from 'node:assert/strict'
import { rule, type Case } from '../../suite/case.ts'
import { failed, returned } from '../../stage/settlements.ts'
import { ids } from '../../stage/words.ts'

/** How soon a waiting claim must notice what another instance did, at best. */
const PROMPT = 50

export const waiting: readonly Case[] = [
  rule(
    'A2.9',
    'a claim on an empty queue waits as long as it was told, and then gives nothing',
    async ({ claim, time, limits }) => {
      const start = time.now()
      assert.deepEqual(await time.until(claim({ wait: 2 * time.unit }), 'the end of a waiting claim'), [])
      const waited = time.now() - start
      assert.ok(
        waited >= 2 * time.unit - Math.max(limits.tick, time.unit / 10),
        `the claim came back after ${waited} ms, it was told to wait ${2 * time.unit}`,
      )
      assert.ok(
        waited <= 12 * time.unit + 5_000,
        `the claim came back after ${waited} ms, it was told to wait ${2 * time.unit}`,
      )
    },
  ),

  rule('A2.10', 'a waiting claim wakes for a job of its own instance', async ({ claim, given, time }) => {
    const waiting = claim({ wait: 20 * time.unit })
    const { id } = await given()
    assert.deepEqual(ids(await time.until(waiting, 'waking for a new job', 5 * time.unit)), [id])
  }),

  rule(
    'A2.11',
    'a waiting claim wakes promptly for a job of another instance',
    ['two instances'],
    async ({ backend, another, claim, job, time, limits }) => {
      const other = await another()
      const delays: number[] = []
      for (let round = 0; round < 5; round++) {
        const waiting = claim({ wait: 20 * time.unit })
        await time.pass(time.unit / 5)
        const start = time.now()
        const { id } = job()
        await other.enqueue([job({ id })])
        assert.deepEqual(ids(await time.until(waiting, 'waking for a job of another instance')), [id])
        delays.push(time.now() - start)
      }
      assert.ok(backend !== other)
      assert.ok(
        Math.min(...delays) <= Math.max(PROMPT, limits.tick),
        `waking took ${delays.map(Math.round).join(', ')} ms`,
      )
    },
  ),

  rule('A2.12', 'a waiting claim wakes when a delayed job falls due', ['delay'], async ({ given, claim, time }) => {
    const { id } = await given({ delay: 2 * time.unit })
    assert.deepEqual(
      ids(await time.until(claim({ wait: 20 * time.unit }), 'waking for a delayed job', 12 * time.unit)),
      [id],
    )
  }),

  rule(
    'A2.13',
    'a delayed job that is enqueued while a claim waits wakes it when due',
    ['delay'],
    async ({ given, claim, time }) => {
      const waiting = claim({ wait: 20 * time.unit })
      const { id } = await given({ delay: time.unit })
      assert.deepEqual(ids(await time.until(waiting, 'waking for a delayed job', 12 * time.unit)), [id])
    },
  ),

  rule('A2.14', 'a waiting claim wakes when a lease runs out', async ({ active, claim, time }) => {
    const held = await active({}, { lease: 2 * time.unit })
    const [again] = await time.until(claim({ wait: 20 * time.unit }), 'waking for an expired lease', 12 * time.unit)
    assert.equal(again?.lease.id, held.lease.id)
  }),

  rule('A2.15', 'a waiting claim wakes when a job is returned', async ({ active, backend, claim, time }) => {
    const held = await active()
    const waiting = claim({ wait: 20 * time.unit })
    await backend.settle([returned(held)])
    assert.deepEqual(ids(await time.until(waiting, 'waking for a returned job', 10 * time.unit)), [held.lease.id])
  }),

  rule('A2.16', 'a waiting claim wakes when the delay of a retry is over', async ({ active, backend, claim, time }) => {
    const held = await active()
    const waiting = claim({ wait: 20 * time.unit })
    await backend.settle([failed(held, { delay: time.unit })])
    assert.deepEqual(ids(await time.until(waiting, 'waking for a retry', 12 * time.unit)), [held.lease.id])
  }),

  rule('A2.17', 'claims that wait together are all served', async ({ claim, givenMany, time }) => {
    const waiting = Array.from({ length: 5 }, () => claim({ wait: 20 * time.unit }))
    const given = await givenMany(5)
    const taken = (await time.until(Promise.all(waiting), 'serving five waiting claims')).flat()
    assert.deepEqual(ids(taken).toSorted(), ids(given).toSorted(), 'some waiting claims got a job twice or none')
  }),

  rule(
    'A2.18',
    'claims of several instances that wait together never share a job',
    ['two instances'],
    async ({ another, claim, given, time }) => {
      const [one, two] = [await another(), await another()]
      const waiting = [one, two].map((by) => claim({ by, wait: 10 * time.unit }))
      const { id } = await given()
      const taken = (await time.until(Promise.all(waiting), 'the end of two waiting claims')).flat()
      assert.deepEqual(ids(taken), [id], 'one job must wake one claim')
    },
  ),

  rule('A2.19', 'an abort ends the wait at once, with no jobs', async ({ claim, time }) => {
    const abort = new AbortController()
    const waiting = claim({ wait: 1_000 * time.unit, signal: abort.signal })
    await time.pass(time.unit / 5)
    abort.abort()
    assert.deepEqual(await time.until(waiting, 'the end of an aborted claim', Math.max(time.unit, 1_000)), [])
  }),

  rule(
    'A2.20',
    'an aborted claim leaves no job leased that comes afterwards',
    async ({ claim, given, takeOne, time }) => {
      const abort = new AbortController()
      const waiting = claim({ wait: 1_000 * time.unit, signal: abort.signal })
      await time.pass(time.unit / 5)
      abort.abort()
      await time.until(waiting, 'the end of an aborted claim')
      const { id } = await given()
      const taken = await takeOne()
      assert.equal(taken.lease.id, id)
      assert.equal(taken.attempt, 1, 'the aborted claim had taken the job')
    },
  ),

  rule(
    'A2.21',
    'a job that comes while the abort is on its way is given out or left, never lost',
    async ({ backend, claim, job, take }) => {
      const given: string[] = []
      const taken: string[] = []
      for (let round = 0; round < 20; round++) {
        const abort = new AbortController()
        const waiting = claim({ wait: 60_000, signal: abort.signal })
        const next = job()
        given.push(next.id)
        const enqueued = backend.enqueue([next])
        for (let turn = 0; turn < round % 4; turn++) await new Promise((resolve) => setImmediate(resolve))
        abort.abort()
        await enqueued
        taken.push(...ids(await waiting))
      }
      const left = given.length - taken.length
      if (left > 0) taken.push(...ids(await take(left)))
      assert.deepEqual(taken.toSorted(), given.toSorted(), 'an aborted claim kept a job leased')
    },
  ),

  rule('A2.22', 'a signal that is aborted already takes nothing', async ({ claim, given, takeOne }) => {
    await given()
    assert.deepEqual(
      await claim({ wait: 60_000, signal: AbortSignal.abort() }),
      [],
      'a claim took a job although its signal was aborted before',
    )
    assert.equal((await takeOne()).attempt, 1, 'an aborted claim counted as an attempt')
  }),

  rule('A2.23', 'an aborted claim leaves no listener on its signal', async ({ claim, given, time }) => {
    const abort = new AbortController()
    const counted = countListeners(abort.signal)
    for (let round = 0; round < 3; round++) {
      await time.until(claim({ wait: time.unit / 5, signal: abort.signal }), 'a short wait')
      await given()
      await claim({ wait: time.unit, signal: abort.signal })
    }
    assert.equal(counted(), 0, `${counted()} listeners are left on the signal`)
  }),
]

/** Counts the listeners on a signal from now on. */
function countListeners(signal: AbortSignal): () => number {
  const listeners = new Set<unknown>()
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (type: string, listener: never, options?: never) => {
    listeners.add(listener)
    add(type, listener, options)
  }
  signal.removeEventListener = (type: string, listener: never, options?: never) => {
    listeners.delete(listener)
    remove(type, listener, options)
  }
  return () => listeners.size
}
