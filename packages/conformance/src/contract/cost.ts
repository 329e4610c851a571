import assert from 'node:assert/strict'
import { chapter, rule } from '../suite/case.ts'
import { completed, dead, failed } from '../stage/settlements.ts'

const NEEDS = ['spy'] as const

/** Round trips of an adapter. How few calls core makes is tried in chapter B9. */
export const cost = chapter('F1', 'cost', [
  rule('F1.1', 'an empty batch costs nothing', NEEDS, async ({ harness, backend }) => {
    const before = harness.spy!()
    await backend.enqueue([])
    await backend.settle([])
    await backend.extend([], 60_000)
    assert.equal(harness.spy!() - before, 0, 'an empty batch went to the server')
  }),

  rule('F1.2', 'enqueuing 100 jobs is one round trip', NEEDS, async ({ harness, backend, jobs, limits }) => {
    const batch = jobs(Math.min(100, limits.enqueueBatch))
    await budget(harness.spy!, 1, 'enqueue(100)', () => backend.enqueue(batch))
  }),

  rule('F1.3', 'claiming 100 jobs is one round trip', NEEDS, async ({ harness, givenMany, claim, limits }) => {
    const limit = Math.min(100, limits.claimBatch)
    await givenMany(limit)
    await budget(harness.spy!, 1, 'claim(100)', () => claim({ limit }))
  }),

  rule(
    'F1.4',
    'settling 100 jobs in different ways is one round trip',
    NEEDS,
    async ({ harness, givenMany, take, backend, limits }) => {
      const count = Math.min(100, limits.claimBatch, limits.settleBatch)
      await givenMany(count)
      const settlements = (await take(count)).map((held, index) => [completed, dead, failed][index % 3]!(held))
      await budget(harness.spy!, 1, 'settle(100)', () => backend.settle(settlements))
    },
  ),

  rule(
    'F1.5',
    'settling 100 jobs with a follow-up each is one round trip',
    [...NEEDS, 'atomicFollowUps'],
    async ({ harness, givenMany, take, backend, job, limits }) => {
      const count = Math.min(100, limits.claimBatch, limits.settleBatch)
      await givenMany(count)
      const settlements = (await take(count)).map((held) => completed(held, { then: [job({ queue: 'next' })] }))
      await budget(harness.spy!, 1, 'settle(100) with follow-ups', () => backend.settle(settlements))
    },
  ),

  rule(
    'F1.6',
    'extending 100 leases is one round trip',
    [...NEEDS, 'state'],
    async ({ harness, givenMany, take, backend, limits }) => {
      const count = Math.min(100, limits.claimBatch, limits.settleBatch)
      await givenMany(count)
      const leases = (await take(count)).map(({ lease }) => lease)
      await budget(harness.spy!, 1, 'extend(100)', () => backend.extend(leases, 60_000))
    },
  ),

  rule(
    'F1.7',
    'an exchange of 100 jobs is one round trip',
    [...NEEDS, 'exchange'],
    async ({ harness, givenMany, take, backend, limits, queue }) => {
      const count = Math.min(100, limits.claimBatch, limits.settleBatch)
      await givenMany(2 * count)
      const settlements = (await take(count)).map((held) => completed(held))
      await budget(harness.spy!, 1, 'exchange(100)', () =>
        backend.exchange(settlements, { queue, limit: count, lease: 60_000 }),
      )
    },
  ),

  rule('F1.8', 'finding 100 jobs is one round trip', [...NEEDS, 'state'], async ({ harness, givenMany, backend }) => {
    const given = await givenMany(100)
    await budget(harness.spy!, 1, 'find(100)', () => backend.inspect.find(given.map(({ id }) => id)))
  }),

  rule(
    'F1.9',
    'a waiting claim does not poll faster than ten times a second',
    NEEDS,
    async ({ harness, claim, time }) => {
      const abort = new AbortController()
      const waiting = claim({ wait: 1_000 * time.unit, signal: abort.signal })
      await time.pass(time.unit)
      const [start, before] = [time.now(), harness.spy!()]
      await time.pass(4 * time.unit)
      const [made, passed] = [harness.spy!() - before, time.now() - start]
      abort.abort()
      await waiting
      assert.ok(made <= passed / 100 + 1, `an idle claim made ${made} round trips in ${passed} ms`)
    },
  ),
])

async function budget(spy: () => number, most: number, what: string, call: () => Promise<unknown>): Promise<void> {
  const before = spy()
  await call()
  const made = spy() - before
  assert.ok(made <= most, `${what} made ${made} round trips, ${most} would do`)
}
