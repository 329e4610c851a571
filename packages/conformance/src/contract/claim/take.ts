import assert from 'node:assert/strict'
import type { ClaimedJob } from '@jobport/core/adapter'
import { rule, type Case } from '../../suite/case.ts'
import { completed, failed, returned } from '../../stage/settlements.ts'
import { ids } from '../../stage/words.ts'

export const taking: readonly Case[] = [
  rule('A2.1', 'an empty queue gives nothing, at once when not told to wait', async ({ claim, time }) => {
    assert.deepEqual(await time.until(claim({ limit: 5 }), 'a claim with wait 0', 2_000), [])
  }),

  rule(
    'A2.2',
    'a queue that nobody ever used gives nothing and does not come into being',
    ['state'],
    async ({ backend, claim }) => {
      assert.deepEqual(await claim({ queue: 'never.used' }), [])
      assert.deepEqual(await backend.inspect.queues(), [], 'claiming from a queue made it exist')
    },
  ),

  rule('A2.3', 'no more jobs than the limit are claimed', async ({ givenMany, claim }) => {
    await givenMany(5)
    const claimed = await claim({ limit: 3 })
    assert.ok(claimed.length <= 3, `claim gave ${claimed.length} jobs, the limit was 3`)
  }),

  rule(
    'A2.4',
    'all due jobs are claimed in one call when the limit allows',
    ['fifo'],
    async ({ givenMany, claim, limits }) => {
      const count = Math.min(50, limits.claimBatch)
      await givenMany(count)
      assert.equal(
        (await claim({ limit: count })).length,
        count,
        'claim left due jobs behind although the limit allowed them',
      )
    },
  ),

  rule('A2.5', 'a limit above what is there gives what is there', async ({ givenMany, take, nothing, limits }) => {
    const given = await givenMany(3)
    const taken = await take(3, { limit: Math.min(limits.claimBatch, 1_000) })
    assert.deepEqual(ids(taken).toSorted(), ids(given).toSorted())
    await nothing('there were more jobs than were enqueued')
  }),

  rule('A2.6', 'a claimed job is not given out again while its lease lasts', async ({ given, takeOne, nothing }) => {
    await given()
    await takeOne()
    await nothing('a job was in two hands at once')
  }),

  rule('A2.7', 'nor by another instance', ['two instances'], async ({ given, takeOne, nothing, another }) => {
    const other = await another()
    await given()
    await takeOne()
    await nothing('a job was in the hands of two instances at once', { by: other })
  }),

  rule(
    'A2.8',
    '20 claimers in parallel share the jobs, none twice, none left',
    ['two instances'],
    async ({ backend, another, givenMany, claim, limits, time }) => {
      const other = await another()
      const given = await givenMany(200)
      const taken: ClaimedJob[] = []
      const work = async (by: typeof backend): Promise<void> => {
        for (;;) {
          const claimed = await claim({ by, limit: Math.min(7, limits.claimBatch), wait: time.virtual ? 0 : time.unit })
          if (claimed.length === 0) return
          taken.push(...claimed)
        }
      }
      await Promise.all(Array.from({ length: 20 }, (_, index) => work(index % 2 === 0 ? backend : other)))
      assert.equal(new Set(ids(taken)).size, taken.length, 'a job was given to two claimers')
      assert.deepEqual(ids(taken).toSorted(), ids(given).toSorted(), 'some jobs were never given out')
    },
  ),

  rule('A2.24', "queues do not see each other's jobs", async ({ given, takeOne, nothing }) => {
    await given({ queue: 'mine' })
    await nothing('a job of another queue was claimed', { queue: 'yours' })
    await takeOne({ queue: 'mine' })
  }),

  rule('A2.25', 'queue names that differ in case only are different queues', async ({ given, nothing, takeOne }) => {
    await given({ queue: 'Mail' })
    await nothing('queue names must be told apart by case', { queue: 'mail' })
    await takeOne({ queue: 'Mail' })
  }),

  rule('A2.26', "a queue whose name begins another's is a different queue", async ({ given, nothing, takeOne }) => {
    await given({ queue: 'mail:fast' })
    await nothing('a queue gave the jobs of one whose name begins like it', { queue: 'mail' })
    await nothing('a queue gave the jobs of one whose name ends like it', { queue: 'fast' })
    await takeOne({ queue: 'mail:fast' })
  }),

  rule('A2.27', 'a higher priority overtakes', ['priority'], async ({ given, take, limits }) => {
    const low = await given()
    const high = await given({ priority: 1 })
    const middle = limits.priorities > 2 ? [await given({ priority: 2 })] : []
    assert.deepEqual(
      ids(await take(2 + middle.length)),
      [...ids(middle), high.id, low.id],
      'the order of the claims is not that of the priorities',
    )
  }),

  rule('A2.28', 'jobs of one priority keep their order', ['priority', 'fifo'], async ({ givenMany, take }) => {
    const given = await givenMany(20, (index) => ({ priority: index % 2 }))
    const order = [...given.filter(({ priority }) => priority === 1), ...given.filter(({ priority }) => priority === 0)]
    assert.deepEqual(ids(await take(20)), ids(order))
  }),

  rule(
    'A2.29',
    'a delayed job has its priority when it falls due',
    ['priority', 'delay'],
    async ({ given, take, time }) => {
      const high = await given({ priority: 1, delay: time.unit })
      const low = await given()
      await time.pass(2 * time.unit)
      assert.deepEqual(ids(await take(2)), [high.id, low.id])
    },
  ),

  rule(
    'A2.30',
    'a returned job goes ahead of juniors that were never claimed',
    ['fifo', 'state'],
    async ({ givenMany, takeOne, take, settle }) => {
      const [first, ...juniors] = await givenMany(5)
      await settle(returned(await takeOne()))
      assert.deepEqual(ids(await take(5)), ids([first!, ...juniors]), 'a returned job went behind its juniors')
    },
  ),

  rule(
    'A2.31',
    'a retry whose delay is over goes ahead of juniors that were never claimed',
    ['fifo', 'state'],
    async ({ givenMany, takeOne, take, settle, time }) => {
      const [first, ...juniors] = await givenMany(3)
      await settle(failed(await takeOne(), { delay: time.unit }))
      await time.pass(2 * time.unit)
      assert.deepEqual(ids(await take(3)), ids([first!, ...juniors]), 'a retry went behind its juniors')
    },
  ),

  rule(
    'A2.32',
    'jobs whose lease ran out go first, whatever their priority',
    ['priority', 'fifo'],
    async ({ active, given, take, time }) => {
      const crashed = await active({}, { lease: time.unit })
      const urgent = await given({ priority: 1 })
      await time.pass(2 * time.unit)
      assert.deepEqual(ids(await take(2)), [crashed.lease.id, urgent.id], 'an expired lease was not claimed first')
    },
  ),

  rule('A2.33', 'attempts count from 1 and grow with every claim', async ({ active, backend, takeOne }) => {
    let held = await active()
    for (let attempt = 1; attempt <= 4; attempt++) {
      assert.equal(held.attempt, attempt, 'attempt must be the number of claims')
      await backend.settle([returned(held, { counts: attempt % 2 === 0 ? 'failure' : 'nothing' })])
      held = await takeOne()
    }
  }),

  rule(
    'A2.34',
    'a claim of an expired lease counts a crash and an attempt, and no failure',
    ['state'],
    async ({ active, takeOne, time }) => {
      await active({}, { lease: time.unit })
      const second = await takeOne({ lease: time.unit })
      assert.deepEqual(counts(second), { attempt: 2, failures: 0, crashes: 1 })
      assert.deepEqual(counts(await takeOne()), { attempt: 3, failures: 0, crashes: 1 }, 'blamed without having begun')
    },
  ),

  rule(
    'A2.39',
    'a job that has crashed before is blamed for another crash only if it had begun',
    ['state'],
    async ({ active, backend, takeOne, time }) => {
      await active({}, { lease: time.unit })
      const second = await takeOne({ lease: time.unit })
      assert.deepEqual(await backend.report([{ lease: second.lease, begun: true }]), ['applied'])
      const third = await takeOne({ lease: time.unit })
      assert.deepEqual(counts(third), { attempt: 3, failures: 0, crashes: 2 })
      const late = await backend.report([{ lease: second.lease, begun: true }])
      assert.deepEqual(late, ['lost'])
      assert.deepEqual(counts(await takeOne()), { attempt: 4, failures: 0, crashes: 2 }, 'begun outlived its claim')
    },
  ),

  rule(
    'A2.35',
    'failures are counted by settlements that say so, and by nothing else',
    ['state'],
    async ({ active, settle, takeOne }) => {
      await settle(failed(await active()))
      await settle(returned(await takeOne()))
      await settle(returned(await takeOne(), { error: '"an error that is no failure"' }))
      await settle(failed(await takeOne()))
      assert.deepEqual(counts(await takeOne()), { attempt: 5, failures: 2, crashes: 0 })
    },
  ),

  rule(
    'A2.36',
    'every claim has a token of its own, which begins with the attempt',
    ['state'],
    async ({ active, settle, takeOne, givenMany, take }) => {
      const first = await active()
      await settle(returned(first))
      const second = await takeOne()
      assert.equal(first.lease.token.split(':')[0], '1')
      assert.equal(second.lease.token.split(':')[0], '2')
      await settle(completed(second))
      await givenMany(20)
      const randoms = (await take(20)).map(({ lease }) => `${lease.id} ${lease.token}`)
      assert.equal(new Set(randoms).size, 20)
      assert.ok(
        first.lease.token.split(':')[1]! !== second.lease.token.split(':')[1]!,
        'two claims have the same random part',
      )
    },
  ),

  rule('A2.37', 'the lease names the job and its queue', async ({ active }) => {
    const { lease } = await active({ queue: 'named' })
    assert.equal(lease.queue, 'named')
  }),

  rule('A2.38', 'a batch at the limit is claimed whole', async ({ givenMany, take, limits }) => {
    const count = Math.min(limits.claimBatch, 1_000)
    const given = await givenMany(count)
    assert.deepEqual(ids(await take(count)).toSorted(), ids(given).toSorted())
  }),
]

const counts = ({ attempt, failures, crashes }: ClaimedJob): object => ({ attempt, failures, crashes })
