import type { ClaimedJob, Lease } from '@jobport/core/adapter'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { startServices } from '../../../scripts/services/start-services.ts'
import { Stage, back, completed, dead, idsOf, job, numbered } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await new Stage('scripts').set()
})
afterEach(() => stage.strike())

/** All ids of a state, page by page. */
async function listed(state: 'waiting' | 'completed', limit: number, name?: string): Promise<string[]> {
  const ids: string[] = []
  for (let after: string | undefined; ;) {
    const page = await stage.backend.inspect.list({
      queue: 'work',
      state,
      limit,
      ...(name !== undefined && { name }),
      ...(after !== undefined && { after }),
    })
    ids.push(...page.jobs.map(({ id }) => id))
    if (page.next === undefined) return ids
    after = page.next
  }
}

describe('a job that is taken out of the middle of the line', () => {
  it.each(['cancel', 'remove'] as const)('by %s is not claimed, and its id may stand there again', async (verb) => {
    await stage.enqueue('a', 'b', 'c', 'd')
    const { operate, inspect } = stage.backend
    if (verb === 'cancel') await operate.cancel([{ id: 'b', keep: 0 }])
    else await operate.remove(['b'])
    expect(await inspect.counts('work')).toMatchObject({ waiting: 3 })
    expect(await stage.enqueue('b')).toEqual([verb === 'cancel' ? 'duplicate' : 'enqueued'])
    expect(await stage.claimed()).toEqual(['a', 'c', 'd', ...(verb === 'remove' ? ['b'] : [])])
    expect(await inspect.counts('work')).toMatchObject({ waiting: 0, oldest: 0 })
    expect(await stage.client.exists(stage.key('ghosts'), stage.key('ready'))).toBe(0)
  })

  it('again and again leaves one job', async () => {
    await stage.enqueue('a', 'b', 'c')
    for (let again = 0; again < 4; again++) {
      expect(await stage.backend.operate.remove(['b'])).toEqual([true])
      expect(await stage.enqueue('b')).toEqual(['enqueued'])
    }
    expect(await stage.backend.inspect.counts('work')).toMatchObject({ waiting: 3 })
    expect(await listed('waiting', 1)).toHaveLength(3)
    expect(await stage.claimed()).toEqual(['a', 'c', 'b'])
    expect(await stage.client.exists(stage.key('ghosts'), stage.key('ready'))).toBe(0)
  })

  it('says nothing of how long others wait', async () => {
    await stage.enqueue('a', 'b')
    await stage.pass(3_600_000)
    await stage.enqueue('c')
    await stage.backend.operate.cancel([{ id: 'b', keep: 10_000_000 }])
    expect(await stage.claimed(1)).toEqual(['a'])
    expect((await stage.backend.inspect.counts('work')).oldest).toBe(0)
  })

  it('as a scheduled one that came back with another delay stands there once', async () => {
    await stage.enqueue(job('a', { delay: 1_000 }))
    await stage.backend.operate.remove(['a'])
    await stage.enqueue(job('a', { delay: 5_000 }))
    await stage.pass(1_000)
    expect(await stage.claimed()).toEqual([])
    await stage.pass(4_000)
    expect(await stage.claimed()).toEqual(['a'])
  })

  it('hides thousands from a claim no longer than a few calls', async () => {
    const ids = numbered(5_000)
    await stage.enqueue(...ids, 'last')
    // From the end, so that none is at the head.
    const cancelled = ids.toReversed()
    for (let at = 0; at < ids.length; at += 500)
      await stage.backend.operate.cancel(cancelled.slice(at, at + 500).map((id) => ({ id, keep: 0 })))
    expect(await stage.backend.inspect.counts('work')).toMatchObject({ waiting: 1 })
    const found: string[] = []
    for (let call = 0; call < 10 && found.length === 0; call++) found.push(...(await stage.claimed(10)))
    expect(found).toEqual(['last'])
  })
})

describe('the lease of a batch', () => {
  it('ends for each job by itself once some of it are extended alone', async () => {
    await stage.enqueue(...numbered(5, ''))
    const [zero, one, two, three, four] = await stage.claim({ lease: 10_000 })
    expect(await stage.settle([zero!], completed())).toEqual(['applied'])
    expect(await stage.extend([one!], 30_000)).toEqual(['applied'])
    expect(await stage.extend([two!], 20_000)).toEqual(['applied'])
    await stage.pass(10_001)
    expect(idsOf(await stage.claim())).toEqual(idsOf([three!, four!]))
    await stage.pass(10_000)
    expect(idsOf(await stage.claim())).toEqual(idsOf([two!]))
    expect(await stage.settle([zero!, one!, two!, three!, four!], completed())).toEqual([
      'applied',
      'applied',
      'lost',
      'lost',
      'lost',
    ])
  })

  it('is gone with the last that it holds, whichever way they go', async () => {
    await stage.enqueue(...numbered(4, ''))
    const [zero, one, two, three] = await stage.claim({ lease: 10_000 })
    await stage.extend([zero!, one!], 20_000)
    await stage.settle([zero!], back())
    await stage.settle([two!], dead())
    await stage.settle([three!], back(1_000))
    expect(await stage.client.exists(stage.key('claims'), stage.key('leases'))).toBe(0)
    expect(await stage.client.zrange(stage.key('single'), '0', '-1')).toEqual(idsOf([one!]))
    await stage.settle([one!], completed())
    expect(await stage.client.exists(stage.key('single'))).toBe(0)
    expect(await stage.backend.inspect.counts('work')).toMatchObject({ active: 0, waiting: 1, scheduled: 1 })
  })

  it('is extended as a whole when all that are left of it ask', async () => {
    await stage.enqueue(...numbered(4, ''))
    const [zero, ...others] = await stage.claim({ lease: 10_000 })
    await stage.settle([zero!], completed())
    expect(await stage.extend([zero!, ...others], 30_000)).toEqual(['lost', 'applied', 'applied', 'applied'])
    expect(await stage.client.exists(stage.key('single'))).toBe(0)
    await stage.pass(29_999)
    expect(await stage.claimed()).toEqual([])
    await stage.pass(1)
    expect(await stage.claimed()).toHaveLength(3)
  })

  it('that ran out is taken over piece by piece when a claim wants less', async () => {
    await stage.enqueue(...numbered(5, ''))
    const jobs = await stage.claim({ lease: 1_000 })
    await stage.pass(1_001)
    const [first] = await stage.claim({ limit: 1, lease: 60_000 })
    expect(await stage.settle(jobs.slice(0, 3), completed())).toEqual(['lost', 'applied', 'applied'])
    expect(idsOf(await stage.claim({ lease: 60_000 }))).toEqual(idsOf(jobs.slice(3)))
    expect(await stage.settle([first!], completed())).toEqual(['applied'])
    expect(await stage.backend.inspect.counts('work')).toMatchObject({ active: 2 })
  })
})

const counts = (): Promise<unknown> => stage.backend.inspect.counts('work')
const isFresh = async (): Promise<boolean> => (await stage.client.exists(stage.key('fresh'))) === 1

describe('a fresh claim', () => {
  const kept = completed(60_000)

  it('has no state of any job until it is asked for, and then that of all', async () => {
    await stage.enqueue(...numbered(3, ''))
    const jobs = await stage.claim()
    expect(await isFresh()).toBe(true)
    expect(await stage.client.exists(stage.key('state'))).toBe(0)
    await stage.pass(5)
    expect(await stage.backend.inspect.find([idsOf(jobs)[1]!])).toMatchObject([{ state: 'active', attempt: 1 }])
    expect(await isFresh()).toBe(false)
    expect(await stage.client.hlen(stage.key('state'))).toBe(3)
    const page = await stage.backend.inspect.list({ queue: 'work', state: 'active', limit: 9 })
    expect(page.jobs.map(({ id }) => id)).toEqual(idsOf(jobs))
    expect(await stage.settle(jobs, kept)).toEqual(['applied', 'applied', 'applied'])
    expect(await counts()).toMatchObject({ active: 0, completed: 3 })
  })

  it('is settled in its order, in parts and beside another, and stays fresh', async () => {
    await stage.enqueue(...numbered(8, ''))
    const [one, other] = [await stage.claim({ limit: 4 }), await stage.claim({ limit: 4 })]
    expect(await stage.settle([one[0]!, other[0]!, one[1]!, other[1]!], kept)).toEqual(Array(4).fill('applied'))
    expect(await stage.client.zcard(stage.key('fresh'))).toBe(2)
    expect(await counts()).toMatchObject({ active: 4, completed: 4 })
    expect(await stage.settle([...one.slice(2), ...other.slice(2)], kept)).toEqual(Array(4).fill('applied'))
    expect(await counts()).toMatchObject({ active: 0, completed: 8 })
    expect(await stage.client.exists(stage.key('claims'), stage.key('leases'), stage.key('fresh'))).toBe(0)
  })

  it('is settled in any other order as well', async () => {
    await stage.enqueue(...numbered(6, ''))
    const jobs = await stage.claim()
    expect(await stage.settle([jobs[3]!], kept)).toEqual(['applied'])
    expect(await isFresh()).toBe(false)
    expect(await stage.settle([jobs[0]!, jobs[5]!, jobs[3]!], kept)).toEqual(['applied', 'applied', 'applied'])
    expect(await counts()).toMatchObject({ active: 3, completed: 3 })
    await stage.pass(30_000)
    expect(idsOf(await stage.claim())).toEqual(idsOf([jobs[1]!, jobs[2]!, jobs[4]!]))
  })

  it('turns into one of known states in the middle of a call', async () => {
    await stage.enqueue(...numbered(9, ''))
    const [one, other] = [await stage.claim({ limit: 6 }), await stage.claim({ limit: 3 })]
    const parts = [one[0]!, other[0]!, one[3]!, other[1]!, one[1]!, other[0]!, one[0]!]
    expect(await stage.settle(parts, kept)).toEqual(Array(7).fill('applied'))
    expect(await counts()).toMatchObject({ active: 4, completed: 5 })
    expect(await stage.settle([...one, ...other], kept)).toEqual(Array(9).fill('applied'))
    expect(await counts()).toMatchObject({ active: 0, completed: 9 })
  })

  it('answers a repeat as what it repeats, while others of it are at work and after', async () => {
    await stage.enqueue(...numbered(4, ''))
    const jobs = await stage.claim()
    for (let call = 0; call < 3; call++) {
      expect(await stage.settle(jobs.slice(0, 2), kept)).toEqual(['applied', 'applied'])
      expect(await counts()).toMatchObject({ active: 2, completed: 2 })
    }
    for (let call = 0; call < 3; call++) expect(await stage.settle(jobs, kept)).toEqual(Array(4).fill('applied'))
    expect(await counts()).toMatchObject({ active: 0, completed: 4 })
  })

  it('whose lease ran out can be settled until it is taken over, and then no more', async () => {
    await stage.enqueue(...numbered(4, ''))
    const jobs = await stage.claim({ lease: 1_000 })
    await stage.pass(1_001)
    expect(await stage.settle(jobs.slice(0, 1), kept)).toEqual(['applied'])
    const again = await stage.claim()
    expect(again).toMatchObject(idsOf(jobs.slice(1)).map((id) => ({ lease: { id }, attempt: 2, crashes: 1 })))
    expect(await stage.settle(jobs, kept)).toEqual(['applied', 'lost', 'lost', 'lost'])
    expect(await stage.settle(again, kept)).toEqual(['applied', 'applied', 'applied'])
  })

  const strangers: Readonly<Record<string, (lease: Lease) => Partial<Lease>>> = {
    'an attempt before': ({ token }) => ({ token: token.replace('1', '0') }),
    'an attempt after': ({ token }) => ({ token: token.replace('1', '2') }),
    'an attempt written in another way': ({ token }) => ({ token: `0${token}` }),
    'no claim': () => ({ token: '1:' }),
    'a claim whose name goes on': ({ token }) => ({ token: `${token}x` }),
    'another id': () => ({ id: 'x' }),
    'the beginning of an id': ({ id }) => ({ id: id.slice(0, -1) }),
  }

  it.each(Object.entries(strangers))('knows nobody with %s', async (_, change) => {
    const verbs: readonly ((lease: Lease) => Promise<unknown>)[] = [
      (lease) => stage.backend.settle([{ ...kept, lease }]),
      (lease) => stage.backend.extend([lease], 1_000),
      (lease) => stage.backend.report([{ lease, progress: '1' }]),
    ]
    for (const verb of verbs) {
      await stage.enqueue(...numbered(2, `${verbs.indexOf(verb)}-`))
      const [{ lease }] = (await stage.claim()) as [ClaimedJob]
      expect(await isFresh()).toBe(true)
      expect(await verb({ ...lease, ...change(lease) })).toEqual(['lost'])
    }
    expect(await counts()).toMatchObject({ active: 6, completed: 0 })
  })

  it('is gone with its last job, also where that ends in the call in which its states became known', async () => {
    await stage.enqueue(...numbered(5, ''))
    const [one, other] = [await stage.claim({ limit: 3 }), await stage.claim({ limit: 2 })]
    const all = [one[0]!, other[0]!, one[2]!, other[1]!, one[1]!]
    expect(await stage.settle(all, kept)).toEqual(Array(5).fill('applied'))
    expect(await stage.client.exists(stage.key('claims'), stage.key('leases'), stage.key('fresh'))).toBe(0)
  })

  it.each(['cancel', 'report', 'extend', 'remove', 'retry'] as const)('of which a job meets %s', async (verb) => {
    await stage.enqueue(...numbered(3, ''))
    const jobs = await stage.claim({ lease: 10_000 })
    const { id } = jobs[1]!.lease
    const { operate } = stage.backend
    const answers = {
      cancel: async () => operate.cancel([{ id, keep: 0 }]),
      report: async () => stage.backend.report([{ lease: jobs[1]!.lease, progress: '7' }]),
      extend: async () => stage.extend([jobs[1]!], 20_000),
      remove: async () => operate.remove([id]),
      retry: async () => operate.retry([id]),
    }
    const expected = {
      cancel: ['requested'],
      report: ['applied'],
      extend: ['applied'],
      remove: [false],
      retry: [false],
    }
    expect(await answers[verb]()).toEqual(expected[verb])
    expect(await stage.settle(jobs, kept)).toEqual(['applied', 'applied', 'applied'])
    expect(await counts()).toMatchObject({ active: 0, completed: 3 })
    expect(await stage.backend.inspect.find([id])).toMatchObject([
      verb === 'report' ? { progress: '7' } : { attempt: 1 },
    ])
  })

  it('is none where there are many, so that not much has to be written at once', async () => {
    await stage.enqueue(...numbered(60, ''))
    const claims: (readonly ClaimedJob[])[] = []
    for (let call = 0; call < 30; call++) claims.push(await stage.claim({ limit: 2 }))
    expect(await stage.client.zcard(stage.key('fresh'))).toBe(20)
    expect(await stage.client.hlen(stage.key('state'))).toBe(20)
    for (const jobs of claims) expect(await stage.settle(jobs, kept)).toEqual(['applied', 'applied'])
    expect(await counts()).toMatchObject({ active: 0, completed: 60 })
  })
})

describe('in one call', () => {
  it('the second settlement of a job is a repeat, whatever it says', async () => {
    await stage.enqueue('a', 'b')
    const [a, b] = await stage.claim()
    const settled = await stage.backend.settle([
      { ...completed(60_000, '1'), lease: a!.lease },
      { ...completed(60_000, '2'), lease: a!.lease },
      { ...dead(60_000), lease: a!.lease },
      { ...back(), lease: b!.lease },
      { ...completed(60_000), lease: b!.lease },
    ] as Parameters<typeof stage.backend.settle>[0])
    expect(settled).toEqual(['applied', 'applied', 'applied', 'applied', 'applied'])
    expect((await stage.backend.inspect.find(['a']))[0]).toMatchObject({ state: 'completed', result: '1', errors: [] })
    expect(await stage.backend.inspect.counts('work')).toMatchObject({ waiting: 1, active: 0, completed: 1, dead: 0 })
  })

  it('the same settlement twice is one, and nothing is counted twice', async () => {
    await stage.enqueue('a', 'b')
    const [a, b] = await stage.claim()
    expect(await stage.settle([a!, a!, b!], completed(60_000))).toEqual(['applied', 'applied', 'applied'])
    expect(await stage.backend.inspect.counts('work')).toMatchObject({ active: 0, completed: 2 })
  })

  it('ids of any length end together', async () => {
    const ids = ['a', 'A.long_one:with-every.sign', 'x'.repeat(128), '0', ':', '-._', ...numbered(20)]
    await stage.enqueue(...ids)
    const jobs = await stage.claim()
    expect(idsOf(jobs)).toEqual(ids)
    expect(new Set(await stage.extend(jobs, 60_000))).toEqual(new Set(['applied']))
    expect(new Set(await stage.settle(jobs, completed(60_000)))).toEqual(new Set(['applied']))
    expect(new Set(await listed('completed', 7))).toEqual(new Set(ids))
    await stage.pass(60_000)
    expect(await listed('completed', 7)).toEqual([])
  })

  it.each(['', ' ', 'a b', 'a\nb', 'a\u0000', 'ä', 'x'.repeat(129), '{a}'])('%j is no id', async (id) => {
    expect(await stage.enqueue(id, 'good')).toEqual(['refused', 'enqueued'])
    expect(await stage.backend.inspect.find([id])).toEqual([undefined])
    expect(
      await stage.backend.settle([{ lease: { id, queue: 'work', token: '1:x' }, to: 'completed', keep: 0 }]),
    ).toEqual(['lost'])
    expect(await stage.claimed()).toEqual(['good'])
  })

  it('thousands of ids are looked up, cancelled and removed', async () => {
    const ids = numbered(10_000)
    await stage.enqueue('a', ...ids.slice(0, 1_000))
    expect((await stage.backend.inspect.find(ids)).filter(Boolean)).toHaveLength(1_000)
    const cancelled = await stage.backend.operate.cancel(ids.map((id) => ({ id, keep: 60_000 })))
    expect(cancelled.filter((each) => each === 'cancelled')).toHaveLength(1_000)
    expect((await stage.backend.operate.retry(ids)).filter(Boolean)).toHaveLength(1_000)
    expect((await stage.backend.operate.remove(ids)).filter(Boolean)).toHaveLength(1_000)
    expect(await stage.backend.inspect.counts('work')).toMatchObject({ waiting: 1, cancelled: 0 })
  })
})

describe('contents', () => {
  const texts = [
    '\ud800',
    'a\udc00b',
    '\u0000',
    '\u0001',
    '\u0001"x"',
    '',
    '\n',
    'a\nb\n',
    '🐈',
    '"',
    '\\',
    '\u2028',
    '{}',
    '\r\n',
  ]

  it.each(texts)('%j comes back unchanged from everywhere', async (text) => {
    await stage.enqueue(
      job('plain', { payload: text }),
      job('full', { payload: text, headers: { [`k${text}`]: text }, policy: text, priority: 1 }),
    )
    const [full, plain] = await stage.claim()
    expect(plain).toMatchObject({ payload: text })
    expect(full).toMatchObject({ payload: text, headers: { [`k${text}`]: text }, policy: text })
    await stage.backend.report([{ lease: plain!.lease, progress: text, logs: [text, 'x', text] }])
    await stage.settle([plain!], back())
    const [again] = await stage.claim()
    await stage.backend.settle([
      { lease: again!.lease, to: 'completed', result: text, keep: 60_000 },
      { lease: full!.lease, to: 'dead', error: text, keep: 60_000 },
    ])
    expect(await stage.backend.inspect.find(['plain', 'full'])).toMatchObject([
      { payload: text, progress: text, logs: [text, 'x', text], result: text },
      { payload: text, errors: [text] },
    ])
  })

  it.each(['}', '{', '{}', '{a}b', ' ', 'a b', ':', 'a:b', '*', '?', '[a]', '\\', 'ä', '🐈', "'", '"', '%', '\n'])(
    'the queue %j is a queue of its own',
    async (queue) => {
      const finished: string[] = []
      await stage.backend.inspect.watch((news) => finished.push(...news.map((each) => `${each.queue} ${each.id}`)))
      await stage.enqueue(job('a', { queue }), 'b')
      expect(await stage.backend.inspect.queues()).toEqual([queue, 'work'].toSorted())
      const waiting = stage.backend.claim({ queue, limit: 10, lease: 1_000, wait: 0 }, new AbortController().signal)
      expect(idsOf(await waiting)).toEqual(['a'])
      await stage.settle(await waiting, completed(1_000))
      await expect.poll(() => finished).toEqual([`${queue} a`])
      expect(await stage.claimed()).toEqual(['b'])
      expect(await stage.backend.operate.remove(['a'])).toEqual([true])
    },
  )

  it('of 1 MB each are claimed in slices of about 4 MB', async () => {
    const payload = 'x'.repeat(1024 * 1024)
    const ids = numbered(50)
    await stage.enqueue(...ids.map((id) => job(id, { payload })))
    const found: string[] = []
    const sizes: number[] = []
    for (let jobs = await stage.claim(); jobs.length > 0; jobs = await stage.claim()) {
      sizes.push(jobs.length)
      found.push(...idsOf(jobs))
      expect(jobs.every((each) => each.payload === payload)).toBe(true)
    }
    expect(found).toEqual(ids)
    expect(Math.max(...sizes)).toBeLessThan(10)
    await stage.pass(30_001)
    const again = await stage.claim()
    expect(again.length).toBeLessThan(10)
    await stage.settle(again, back())
    expect((await stage.claim()).length).toBeLessThan(10)
  })
})

const BALLAST = 'scripts:ballast'

/** How much memory the server took for a call besides what it had. It never forgets the most it ever had, so ballast brings it there first. */
async function memoryOf(stage: Stage, call: () => Promise<unknown>): Promise<number> {
  const read = async (): Promise<{ used: number; peak: number }> => {
    const [, used, peak] = /used_memory:(\d+)[^]*used_memory_peak:(\d+)/.exec(await stage.client.info('memory'))!
    return { used: Number(used), peak: Number(peak) }
  }
  const before = await read()
  await stage.client.setrange(BALLAST, before.peak - before.used, 'x')
  try {
    const { used } = await read()
    await call()
    return (await read()).peak - used
  } finally {
    await stage.client.del(BALLAST)
  }
}

describe('payloads', () => {
  it('may have the character that parts them on their way', async () => {
    const payloads = ['\u0002', 'a\u0002b', '1', '\u0001\u0002', '\u0002\u0002']
    await stage.enqueue(...payloads.map((payload, index) => job(`p${index}`, { payload })))
    expect((await stage.claim()).map(({ payload }) => payload)).toEqual(payloads)
  })
})

describe('large payloads', () => {
  it('are not read all at once, whatever is asked of many', async () => {
    // Its own, so that nobody else takes memory meanwhile.
    const server = await startServices(['redis'], { fresh: true })
    onTestFinished(() => server.stop())
    const stage = await new Stage('scripts', server.env['REDIS_URL']).set()
    onTestFinished(() => stage.strike())
    const payload = 'x'.repeat(1024 * 1024)
    const ids = numbered(64)
    await stage.enqueue(...ids.map((id, index) => job(id, { payload, ...(index % 2 === 0 && { delay: 1_000 }) })))
    await stage.pass(1_000)
    const { inspect, operate } = stage.backend
    const limit = 1_000
    const cost = {
      counts: await memoryOf(stage, () => inspect.counts('work')),
      list: await memoryOf(stage, () => inspect.list({ queue: 'work', state: 'waiting', name: 'unknown', limit })),
      claim: await memoryOf(stage, () => stage.claim({ limit: 1 })),
      purge: await memoryOf(stage, () => operate.purge({ queue: 'work', state: 'waiting', limit })),
    }
    expect(Object.entries(cost).filter(([, bytes]) => bytes > 8 * 1024 * 1024)).toEqual([])
  })
})

async function end(id: string, queue: string): Promise<void> {
  await stage.enqueue(job(id, { queue }))
  await stage.settle(await stage.claim({ queue }), completed(1_000))
}

describe('news of finished jobs', () => {
  it('are not written while nobody watches, and of queues old and new while somebody does', async () => {
    await end('a', 'work')
    expect(await stage.client.exists(stage.key('events'))).toBe(0)
    const finished: string[] = []
    await stage.backend.inspect.watch((news) => finished.push(...news.map(({ id }) => id)))
    await end('b', 'work')
    await end('c', 'new')
    await expect.poll(() => finished).toEqual(['b', 'c'])
    expect(await stage.client.exists(stage.key('events'))).toBe(1)
  })
})

describe('another namespace', () => {
  it('sees nothing of this one, even of the same queue and id, and when one name begins the other', async () => {
    const others = [await new Stage('scripts2').set(), await new Stage('scripts.work').set()]
    try {
      await stage.enqueue('a')
      for (const other of others) {
        expect(await other.claimed()).toEqual([])
        expect(await other.backend.inspect.find(['a'])).toEqual([undefined])
        expect(await other.backend.operate.remove(['a'])).toEqual([false])
        expect(await other.backend.inspect.queues()).toEqual([])
        expect(await other.enqueue('a')).toEqual(['enqueued'])
        await other.backend.operate.pause('work')
      }
      expect(await stage.claimed()).toEqual(['a'])
    } finally {
      for (const other of others) await other.strike()
    }
  })
})

describe('many jobs', () => {
  it('of one group hide another no longer than a few calls', async () => {
    const ids = numbered(3_000)
    await stage.enqueue(...ids.map((id) => job(id, { group: 'g' })), 'other')
    const found: string[] = []
    let calls = 0
    for (; calls < 6 && !found.includes('other'); calls++) found.push(...(await stage.claimed(10)))
    expect(found).toEqual([ids[0], 'other'])
    expect(calls).toBeLessThanOrEqual(5)
    expect(await stage.backend.inspect.counts('work')).toMatchObject({ waiting: 2_999, active: 2 })
  })

  it('of one group take their turns, however many have been passed', async () => {
    const ids = numbered(300)
    await stage.enqueue(...ids.map((id) => job(id, { group: 'g' })))
    const order: string[] = []
    for (let [next] = await stage.claim(); next !== undefined; [next] = await stage.claim()) {
      order.push(next.lease.id)
      await stage.settle([next], completed())
    }
    expect(order).toEqual(ids)
  })

  it('that finished are listed once each, in order, page by page and by name', async () => {
    const ids = numbered(5_000)
    await stage.enqueue(...ids.map((id, index) => job(id, { name: index % 50 === 7 ? 'rare' : 'n' })))
    for (let jobs = await stage.claim({ limit: 500 }); jobs.length > 0; jobs = await stage.claim({ limit: 500 })) {
      await stage.settle(jobs.slice(0, 3), completed(60_000))
      await stage.settle(jobs.slice(3), completed(60_000))
      await stage.pass(1)
    }
    expect(await listed('completed', 333)).toEqual(ids)
    expect(await listed('completed', 7, 'rare')).toEqual(ids.filter((_, index) => index % 50 === 7))
    expect(await listed('completed', 10, 'unknown')).toEqual([])
    expect(await listed('completed', 10_000)).toHaveLength(5_000)
  })

  it('that wait are listed while they are claimed, none of those left is missed', async () => {
    const ids = numbered(2_500)
    await stage.enqueue(...ids)
    expect(await listed('waiting', 400)).toEqual(ids)
    expect(await listed('waiting', 10_000)).toEqual(ids)
  })

  it('are purged in as many calls as it takes, and no more than asked for', async () => {
    const ids = numbered(5_000)
    await stage.enqueue(...ids)
    for (let jobs = await stage.claim({ limit: 500 }); jobs.length > 0; jobs = await stage.claim({ limit: 500 }))
      await stage.settle(jobs, dead(60_000))
    const purge = (limit: number): Promise<number> =>
      stage.backend.operate.purge({ queue: 'work', state: 'dead', limit })
    expect(await purge(1_234)).toBe(1_234)
    expect(await stage.backend.inspect.counts('work')).toMatchObject({ dead: 5_000 - 1_234 })
    expect(await purge(10_000)).toBe(5_000 - 1_234)
    expect(await purge(10_000)).toBe(0)
    expect(await stage.left()).toEqual([])
  })

  it('fall due at once and are claimed in their order', async () => {
    const ids = numbered(2_500)
    await stage.enqueue(...ids.map((id) => job(id, { delay: 1_000 })))
    await stage.pass(1_000)
    const found: string[] = []
    for (let some = await stage.claimed(500); some.length > 0; some = await stage.claimed(500)) found.push(...some)
    expect(found).toEqual(ids)
  })
})
