import assert from 'node:assert/strict'
import type { ClaimedJob } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import { completed, failed, returned } from '../stage/settlements.ts'
import { ids } from '../stage/words.ts'

/** How soon a waiting claim must notice what another instance did, at best. */
const PROMPT = 50

export const claim = chapter('A2', 'claim', [
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
      const waiting = [one, two].map((by) => claim({ by, wait: 4 * time.unit }))
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
    async ({ backend, claim, job, take, limits }) => {
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
      if (left > 0) taken.push(...ids(await take(left, { limit: Math.min(left, limits.claimBatch) })))
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
])

const counts = ({ attempt, failures, crashes }: ClaimedJob): object => ({ attempt, failures, crashes })

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
