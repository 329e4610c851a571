import { TOMBSTONE, type ClaimedJob, type NewJob, type Settlement } from '@jobport/core/adapter'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Stage, back, completed, dead, job, numbered, type Outcome } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await new Stage('retention').set()
})
afterEach(() => stage.strike())

/** Lets the records and tombstones of all that ended go: a few with each call, so several calls. */
async function sweepAll(): Promise<void> {
  for (let call = 0; call < 30; call++) {
    await stage.pass(2 * TOMBSTONE)
    expect(await stage.claim()).toEqual([])
  }
}

describe('when all is over, nothing is left of', () => {
  const endings: Readonly<Record<string, Outcome>> = {
    'nothing kept': completed(),
    'a record shorter than the tombstone': completed(1_000, '"result"'),
    'a record longer than the tombstone': completed(10 * TOMBSTONE, '"result"'),
    'a death': dead(1_000),
    'a death of which nothing is kept': dead(),
    'a cancellation': { to: 'cancelled', keep: 1_000 },
  }
  const kinds: Readonly<Record<string, Partial<NewJob>>> = {
    'plain jobs': {},
    'unique jobs': { unique: { key: 'k' } },
    'unique jobs with a short window': { unique: { key: 'k', within: 10 } },
    'unique jobs with a long window': { unique: { key: 'k', within: 20 * TOMBSTONE } },
    'jobs of a group': { group: 'g' },
    'jobs with a priority': { priority: 5, policy: '{}', headers: { a: 'b' } },
    'scheduled jobs': { delay: 1_000 },
    'jobs with everything': { unique: { key: 'k', within: 10 }, group: 'g', priority: 5, delay: 1_000 },
  }
  const table = Object.entries(kinds).flatMap(([kind, more]) =>
    Object.entries(endings).map(([ending, how]) => [kind, ending, more, how] as const),
  )

  it.each(table)('%s that ended with %s', async (_kind, _ending, more, how) => {
    const { unique } = more
    await stage.enqueue(
      ...['a', 'b', 'c'].map((id) => job(id, { ...more, ...(unique && { unique: { ...unique, key: id } }) })),
    )
    await stage.pass(1_000)
    for (let done = 0; done < 3;) {
      const jobs = await stage.claim()
      await stage.backend.report(jobs.map(({ lease }) => ({ lease, begun: true, progress: '1', logs: ['"line"'] })))
      await stage.settle(jobs, back(0, 'failure'))
      const again = await stage.claim()
      await stage.settle(again, how)
      done += again.length
    }
    await sweepAll()
    expect(await stage.left()).toEqual([])
  })

  it.each(['completed', 'dead'] as const)(
    'jobs that were %s, sent back, and ended sooner than the first time',
    async (to) => {
      await stage.enqueue('a', 'b')
      await stage.settle(await stage.claim(), to === 'dead' ? dead(60_000) : completed(60_000))
      await stage.backend.operate.retry(['a'])
      await stage.settle(await stage.claim(), completed(1_000))
      await stage.pass(2_000)
      await stage.claim()
      expect(await stage.backend.inspect.counts('work')).toMatchObject({
        completed: to === 'dead' ? 0 : 1,
        dead: to === 'dead' ? 1 : 0,
      })
      await stage.pass(60_000)
      expect(await stage.backend.inspect.counts('work')).toMatchObject({ completed: 0, dead: 0 })
      await sweepAll()
      expect(await stage.left()).toEqual([])
      expect(await stage.backend.inspect.counts('work')).toMatchObject({ completed: 0, dead: 0 })
    },
  )

  it('jobs that were sent back and ended later than the first time', async () => {
    await stage.enqueue('a', 'b')
    await stage.settle(await stage.claim(), dead(1_000))
    await stage.backend.operate.retry(['a'])
    await stage.settle(await stage.claim(), completed(60_000, '1'))
    await stage.pass(2_000)
    await stage.claim()
    expect((await stage.backend.inspect.find(['a', 'b'])).map((each) => each?.state)).toEqual(['completed', undefined])
    expect(await stage.backend.inspect.counts('work')).toMatchObject({ completed: 1, dead: 0 })
    await sweepAll()
    expect(await stage.left()).toEqual([])
  })

  it('finished jobs that were removed, and whose ids came again', async () => {
    await stage.enqueue('a', 'b', job('c', { unique: { key: 'k', within: 5_000 } }))
    await stage.settle(await stage.claim(), completed(60_000, '1'))
    expect(await stage.backend.operate.remove(['a', 'c'])).toEqual([true, true])
    await stage.enqueue('a')
    await stage.settle(await stage.claim(), dead(1_000))
    await stage.pass(2_000)
    await stage.claim()
    expect(await stage.backend.inspect.counts('work')).toMatchObject({ completed: 1, dead: 0 })
    await stage.pass(60_000)
    await stage.claim()
    expect(await stage.backend.inspect.counts('work')).toMatchObject({ completed: 0, dead: 0 })
    await sweepAll()
    expect(await stage.left()).toEqual([])
  })

  it.each(['cancel', 'remove', 'purge'] as const)('jobs that waited until somebody did %s them', async (verb) => {
    const more: readonly Partial<NewJob>[] = [
      {},
      { group: 'g' },
      { group: 'g' },
      { unique: { key: 'k', within: 1_000 } },
      { priority: 1 },
      { delay: 1_000 },
    ]
    const ids = numbered(60)
    await stage.enqueue(
      ...ids.map((id, index) => job(id, { ...more[index % 6], ...(index % 6 === 3 && { unique: { key: id } }) })),
    )
    // From the middle, so that what is left of them in the line is void.
    const middle = ids.slice(10).concat(ids.slice(0, 10))
    const { operate } = stage.backend
    const purge = (state: 'waiting' | 'scheduled'): Promise<number> =>
      operate.purge({ queue: 'work', state, limit: 1_000 })
    const gone = {
      cancel: async () => operate.cancel(middle.map((id) => ({ id, keep: 1_000 }))),
      remove: async () => operate.remove(middle),
      purge: async () => [await purge('waiting'), await purge('scheduled')],
    }
    expect(await gone[verb]()).not.toContain(false)
    expect(await stage.backend.inspect.counts('work')).toMatchObject({ waiting: 0, scheduled: 0, oldest: 0 })
    await sweepAll()
    expect(await stage.left()).toEqual([])
  })

  it('jobs whose workers died again and again', async () => {
    await stage.enqueue('a', 'b', 'c')
    for (let crash = 0; crash < 5; crash++) {
      const [first] = await stage.claim({ lease: 1_000 })
      await stage.extend([first!], 500)
      await stage.pass(1_001)
    }
    const jobs = await stage.claim()
    expect(jobs.map(({ attempt }) => attempt)).toEqual([6, 6, 6])
    await stage.settle(jobs, completed())
    await sweepAll()
    expect(await stage.left()).toEqual([])
  })
})

/** How many states are kept for several jobs. */
async function keptTogether(): Promise<number> {
  return (await stage.client.hkeys(stage.key('notes'))).filter((field) => field.startsWith('s')).length
}

describe('plain jobs that ended together, whose state is kept once', () => {
  const ids = numbered(6)
  const state = async (): Promise<unknown[]> => (await stage.backend.inspect.find(ids)).map((each) => each?.state)
  async function end(keep: number): Promise<readonly ClaimedJob[]> {
    await stage.enqueue(...ids)
    const jobs = await stage.claim()
    expect(await stage.settle(jobs, completed(keep))).toEqual(ids.map(() => 'applied'))
    expect(await keptTogether()).toBe(1)
    return jobs
  }

  it('are found, listed and counted as any others, and a repeat is told from a stale claim', async () => {
    const jobs = await end(60_000)
    expect(await state()).toEqual(ids.map(() => 'completed'))
    const page = await stage.backend.inspect.list({ queue: 'work', state: 'completed', limit: 10 })
    expect(page.jobs.map(({ id }) => id)).toEqual(ids)
    expect(page.jobs.every(({ attempt, finishedAt }) => attempt === 1 && finishedAt === page.jobs[0]!.finishedAt)).toBe(
      true,
    )
    expect(await stage.backend.inspect.counts('work')).toMatchObject({ completed: 6, active: 0 })
    expect(await stage.settle(jobs, completed(60_000))).toEqual(ids.map(() => 'applied'))
    const stale = jobs.map((each) => ({ ...each, lease: { ...each.lease, token: `${each.lease.token}0` } }))
    expect(await stage.settle(stale, completed(60_000))).toEqual(ids.map(() => 'lost'))
    expect(await stage.extend(jobs, 1_000)).toEqual(ids.map(() => 'lost'))
  })

  it('part by one of them being sent back, and one removed', async () => {
    await end(60_000)
    expect(await stage.backend.operate.retry([ids[0]!])).toEqual([true])
    expect(await stage.backend.operate.remove([ids[1]!])).toEqual([true])
    expect(await state()).toEqual(['waiting', undefined, ...ids.slice(2).map(() => 'completed')])
    await stage.settle(await stage.claim(), dead(200_000))
    await stage.pass(60_001)
    await stage.claim()
    expect(await state()).toEqual(['dead', ...ids.slice(1).map(() => undefined)])
    await sweepAll()
    expect(await stage.left()).toEqual([])
  })

  it.each([1_000, 10 * TOMBSTONE])('are forgotten together, kept for %d ms', async (keep) => {
    const jobs = await end(keep)
    await stage.pass(keep + 1)
    await stage.claim()
    expect(await state()).toEqual(ids.map(() => undefined))
    expect(await stage.settle(jobs, completed(keep))).toEqual(ids.map(() => (keep < TOMBSTONE ? 'applied' : 'lost')))
    await sweepAll()
    expect(await keptTogether()).toBe(0)
    expect(await stage.left()).toEqual([])
  })

  it('leave nothing behind when all of them are removed', async () => {
    await end(60_000)
    expect(await stage.backend.operate.remove(ids)).toEqual(ids.map(() => true))
    expect(await keptTogether()).toBe(0)
    await sweepAll()
    expect(await stage.left()).toEqual([])
  })
})

describe('what a call sweeps is bounded', () => {
  it('by a few entries, however many are due', async () => {
    for (let round = 0; round < 30; round++) {
      await stage.enqueue(...numbered(10, `r${round}-`))
      const jobs = await stage.claim()
      for (const each of jobs) await stage.settle([each], completed(1_000, '1'))
    }
    const entries = (): Promise<number> => stage.client.zcard(stage.key('completed'))
    await stage.pass(1_001)
    expect(await entries()).toBe(300)
    await stage.claim()
    expect(await entries()).toBe(298)
    // Not swept yet, and not to be seen all the same.
    expect((await stage.backend.inspect.list({ queue: 'work', state: 'completed', limit: 10 })).jobs).toEqual([])
  })

  it('yet keeps up with what ends', async () => {
    const sizes: number[] = []
    for (let round = 0; round < 60; round++) {
      await stage.enqueue(...numbered(50, `r${round}-`))
      for (let at = 0; at < 5; at++) await stage.settle(await stage.claim({ limit: 10 }), completed(1_000))
      await stage.pass(10_000)
      sizes.push(await stage.client.hlen(stage.key('jobs')))
    }
    expect(Math.max(...sizes.slice(30))).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 30)))
  })

  it('also where each ends in its own way', async () => {
    const sizes: number[] = []
    for (let round = 0; round < 20; round++) {
      await stage.enqueue(...numbered(200, `r${round}-`))
      const [some, others] = [await stage.claim(), await stage.claim()]
      const ended = (jobs: typeof some): Settlement[] =>
        jobs.map(({ lease }, index) => ({ ...completed(1_000 + index), lease }))
      await stage.backend.settle(ended(some))
      await stage.backend.exchange(ended(others), { queue: 'work', limit: 1, lease: 1_000 })
      await stage.pass(150_000)
      sizes.push(await stage.client.hlen(stage.key('jobs')))
    }
    // Those of one round stay until the next ones come.
    expect(Math.max(...sizes)).toBeLessThanOrEqual(3 * 200)
  })

  it('for keys whose window is over too', async () => {
    await stage.enqueue(...numbered(1_000).map((id) => job(id, { unique: { key: id, within: 1_000 } })))
    for (let at = 0; at < 10; at++) await stage.settle(await stage.claim(), completed())
    expect(await stage.client.hlen(stage.key('unique'))).toBe(1_000)
    await stage.pass(1_001)
    await stage.claim()
    expect(await stage.client.hlen(stage.key('unique'))).toBe(900)
    for (let at = 0; at < 9; at++) await stage.claim()
    expect(await stage.client.exists(stage.key('unique'), stage.key('windows'))).toBe(0)
  })
})
