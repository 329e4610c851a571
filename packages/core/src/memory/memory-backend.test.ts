import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { ClaimedJob, NewJob } from '../contract/job.ts'
import { OptionError } from '../errors/option-error.ts'
import { TOMBSTONE } from '../kit/tombstone.ts'
import { VirtualClock } from '../time/virtual-clock.ts'
import { memoryBackend, type MemoryBackend } from './memory-backend.ts'
import type { MemoryBackendOptions } from './options.ts'

const never = new AbortController().signal

async function opened(options: MemoryBackendOptions = {}): Promise<{ backend: MemoryBackend; clock: VirtualClock }> {
  const clock = new VirtualClock()
  const backend = memoryBackend({ clock, ...options })
  await backend.open()
  return { backend, clock }
}

function job(id: string, more: Partial<NewJob> = {}): NewJob {
  return { id, queue: 'q', name: 'n', payload: '1', headers: {}, ...more }
}

function jobs(count: number, more: Partial<NewJob> = {}): NewJob[] {
  return Array.from({ length: count }, (_, index) => job(`j${index}`, more))
}

async function claim(backend: MemoryBackend, limit = 1000, lease = 1000) {
  return backend.claim({ queue: 'q', limit, lease, wait: 0 }, never)
}

async function claimedIds(backend: MemoryBackend, limit?: number, lease?: number): Promise<string[]> {
  return (await claim(backend, limit, lease)).map((claimed) => claimed.lease.id)
}

/** Claims and completes everything there is. */
async function drain(backend: MemoryBackend, keep: number): Promise<void> {
  for (;;) {
    const claimed = await claim(backend)
    if (claimed.length === 0) return
    await backend.settle(claimed.map(({ lease }) => ({ lease, to: 'completed' as const, result: '"ok"', keep })))
  }
}

function finish({ lease }: ClaimedJob) {
  return { lease, to: 'dead', error: '"e"', keep: 60_000 } as const
}

describe('time', () => {
  it('is the injected clock and nothing else', async () => {
    const { backend, clock } = await opened()
    await backend.enqueue([job('a', { delay: 5000 })])
    await clock.advance(4999)
    expect(await claimedIds(backend)).toEqual([])
    await clock.advance(1)
    const [claimed] = await claim(backend)
    expect(claimed?.enqueuedAt).toBe(clock.date() - 5000)
    await clock.advance(999)
    expect(await claimedIds(backend)).toEqual([])
    await clock.advance(1)
    expect((await claim(backend))[0]).toMatchObject({ attempt: 2, crashes: 1 })
  })

  it('wakes waiting claims in the order in which they came, at the millisecond at which there is something', async () => {
    const { backend, clock } = await opened()
    const woken: string[] = []
    const wait = async (name: string) => {
      const [claimed] = await backend.claim({ queue: 'q', limit: 1, lease: 100, wait: 10_000 }, never)
      woken.push(`${name} ${claimed?.lease.id} at ${clock.now()}`)
    }
    void wait('first')
    void wait('second')
    const last = wait('third')
    await backend.enqueue([job('a', { delay: 70 }), job('b', { delay: 50 })])
    await clock.advance(10_000)
    await last
    expect(woken).toEqual(['first b at 50', 'second a at 70', 'third b at 150'])
  })

  it('sets no timer while nobody waits', async () => {
    const { backend, clock } = await opened()
    await backend.enqueue([job('a'), job('b', { delay: 1000 })])
    await claim(backend)
    expect(clock.untilNext).toBeUndefined()
    const aborter = new AbortController()
    const waiting = backend.claim({ queue: 'q', limit: 1, lease: 100, wait: 10_000 }, aborter.signal)
    await clock.advance(1)
    expect(clock.untilNext).toBe(999)
    aborter.abort()
    expect(await waiting).toEqual([])
    expect(clock.untilNext).toBeUndefined()
  })

  it('has no window of a fraction where no window was asked for', async () => {
    const { backend } = await opened({ clock: { now: () => 0.5, date: () => 0, schedule: () => () => {} } })
    await backend.enqueue([job('a', { unique: { key: 'k' } })])
    await drain(backend, 1000)
    expect(await backend.enqueue([job('b', { unique: { key: 'k' } })])).toEqual([{ status: 'enqueued' }])
  })

  it('never ends a duration early when clocks tick in fractions', async () => {
    let now = 0.9
    const clock = { now: () => now, date: () => 0, schedule: () => () => {} }
    const { backend } = await opened({ clock })
    now = 10.7
    await backend.enqueue([job('a', { delay: 5 })])
    now = 15.6
    expect(await claimedIds(backend)).toEqual([])
    now = 16.9
    expect(await claimedIds(backend)).toEqual(['a'])
  })
})

describe('order', () => {
  it('is priority, then enqueueing, also for what comes late', async () => {
    const { backend, clock } = await opened()
    await backend.enqueue([job('a', { delay: 10 }), job('b'), job('c', { priority: 1, delay: 10 }), job('d')])
    const [b] = await claim(backend, 1)
    await backend.settle([{ lease: b!.lease, to: 'waiting', delay: 0, counts: 'nothing' }])
    await backend.enqueue([job('e')])
    expect(await claimedIds(backend, 1)).toEqual(['b'])
    await clock.advance(10)
    expect(await claimedIds(backend)).toEqual(['c', 'a', 'd', 'e'])
  })

  it('takes expired leases first, those that ran out first before others', async () => {
    const { backend, clock } = await opened()
    await backend.enqueue([job('a'), job('b'), job('c')])
    await claim(backend, 1, 60)
    await claim(backend, 1, 50)
    await backend.enqueue([job('d', { priority: 9 })])
    await clock.advance(60)
    expect(await claimedIds(backend)).toEqual(['b', 'a', 'd', 'c'])
  })

  it('lets the next of a group take the place of its enqueueing', async () => {
    const { backend } = await opened()
    await backend.enqueue([job('a', { group: 'g' }), job('b', { group: 'g' }), job('c')])
    const [a] = await claim(backend, 1)
    await backend.settle([{ lease: a!.lease, to: 'completed', keep: 0 }])
    expect(await claimedIds(backend)).toEqual(['b', 'c'])
  })
})

describe('a group', () => {
  it('lets no job that is sent back to work overtake the one that has begun', async () => {
    const { backend, clock } = await opened()
    await backend.enqueue([job('a', { group: 'g' }), job('b', { group: 'g' }), job('c', { group: 'g' })])
    await backend.settle([finish((await claim(backend))[0]!)])
    const [b] = await claim(backend)
    await backend.settle([{ lease: b!.lease, to: 'waiting', delay: 10, counts: 'failure' }])
    expect(await backend.operate.retry(['a'])).toEqual([true])
    expect(await claimedIds(backend)).toEqual([])
    await clock.advance(10)
    const [again] = await claim(backend)
    expect(again?.lease.id).toBe('b')
    await backend.settle([finish(again!)])
    expect(await claimedIds(backend)).toEqual(['a'])
  })

  it('lets one that is sent back to work go ahead of a head that has not begun', async () => {
    const { backend } = await opened()
    await backend.enqueue([job('a', { group: 'g' }), job('b', { group: 'g' })])
    const [a] = await claim(backend)
    await backend.settle([finish(a!)])
    await backend.operate.retry(['a'])
    expect(await claimedIds(backend)).toEqual(['a'])
  })

  it('wakes a waiting claim when its next job may start', async () => {
    const { backend } = await opened()
    await backend.enqueue([job('a', { group: 'g' }), job('b', { group: 'g' })])
    const [a] = await claim(backend)
    const waiting = backend.claim({ queue: 'q', limit: 1, lease: 1000, wait: 10_000 }, never)
    await backend.settle([finish(a!)])
    expect((await waiting).map((claimed) => claimed.lease.id)).toEqual(['b'])
  })
})

describe('a unique key', () => {
  it('goes with the job that is sent back to work, unless another has it', async () => {
    const { backend } = await opened()
    const unique = { key: 'k' }
    await backend.enqueue([job('a', { unique })])
    await drain(backend, 60_000)
    await backend.enqueue([job('b', { unique })])
    expect(await backend.operate.retry(['a'])).toEqual([false])
    expect(await backend.enqueue([job('c', { unique })])).toEqual([{ status: 'duplicate', of: 'b' }])
    await drain(backend, 60_000)
    expect(await backend.operate.retry(['a'])).toEqual([true])
    expect(await backend.enqueue([job('c', { unique })])).toEqual([{ status: 'duplicate', of: 'a' }])
    await backend.operate.remove(['a'])
    expect(await backend.enqueue([job('c', { unique })])).toEqual([{ status: 'enqueued' }])
  })
})

describe('what is left of finished jobs', () => {
  it('is the record for its keep, to the millisecond, swept or not', async () => {
    const { backend, clock } = await opened()
    await backend.enqueue(jobs(100))
    await drain(backend, 2530)
    await clock.advance(2529)
    expect(await backend.inspect.counts('q')).toMatchObject({ completed: 100 })
    await clock.advance(1)
    expect(await backend.inspect.find(['j0'])).toEqual([undefined])
    expect((await backend.inspect.list({ queue: 'q', state: 'completed', limit: 10 })).jobs).toEqual([])
    expect(await backend.inspect.counts('q')).toMatchObject({ completed: 0 })
    expect(await backend.inspect.queues()).toEqual([])
    expect(await backend.operate.retry(['j0'])).toEqual([false])
    expect(await backend.operate.cancel([{ id: 'j0', keep: 0 }])).toEqual(['not-found'])
  })

  it('is the id and the last token until the tombstone is gone, then nothing', async () => {
    const { backend, clock } = await opened()
    await backend.enqueue([job('a')])
    const [{ lease }] = (await claim(backend)) as [ClaimedJob]
    const settlement = { lease, to: 'completed', keep: 0 } as const
    await backend.settle([settlement])
    await clock.advance(TOMBSTONE - 1)
    expect(await backend.settle([settlement])).toEqual(['applied'])
    expect(await backend.enqueue([job('a')])).toEqual([{ status: 'duplicate', of: 'a' }])
    await clock.advance(1)
    expect(await backend.enqueue([job('a')])).toEqual([{ status: 'enqueued' }])
    expect(await backend.settle([settlement])).toEqual(['lost'])
  })

  it('is a unique key for its window, however short the record is kept', async () => {
    const { backend, clock } = await opened()
    const unique = { key: 'k', within: 10 * TOMBSTONE }
    await backend.enqueue([job('a', { unique })])
    await drain(backend, 0)
    await clock.advance(10 * TOMBSTONE - 1)
    await backend.enqueue([job('b')])
    expect(await backend.enqueue([job('c', { unique })])).toEqual([{ status: 'duplicate', of: 'a' }])
    await clock.advance(1)
    expect(await backend.enqueue([job('c', { unique })])).toEqual([{ status: 'enqueued' }])
  })

  it.each([0, 1000, TOMBSTONE, 2 * TOMBSTONE])(
    'makes room again: 100,000 jobs pass where 3,000 fit, keep %i',
    async (keep) => {
      const { backend, clock } = await opened({ capacity: 3000 })
      const lasting = Math.max(keep, TOMBSTONE)
      for (let batch = 0; batch < 100; batch++) {
        const answers = await backend.enqueue(
          Array.from({ length: 1000 }, (_, index) =>
            job(`${batch}-${index}`, { unique: { key: `${index}` }, group: `${index}` }),
          ),
        )
        expect(answers.every((answer) => answer.status === 'enqueued')).toBe(true)
        await drain(backend, keep)
        await clock.advance(lasting)
      }
    },
  )

  it('is not the payload', async () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const { backend } = await opened()
    gc()
    const before = process.memoryUsage().heapUsed
    for (let batch = 0; batch < 20; batch++) {
      await backend.enqueue(
        jobs(200).map((one) => ({
          ...one,
          id: `${batch}-${one.id}`,
          payload: `"${one.id}${'x'.repeat(9000)}"`.toUpperCase(),
        })),
      )
      await drain(backend, 0)
    }
    gc()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(12_000_000)
  })
})

it('answers `lost` to a lease that names another queue', async () => {
  const { backend } = await opened()
  await backend.enqueue([job('a')])
  const [a] = await claim(backend)
  expect(await backend.settle([finish({ ...a!, lease: { ...a!.lease, queue: 'other' } })])).toEqual(['lost'])
})

describe('limits', () => {
  it('refuses what does not fit any more, and takes it again when there is room', async () => {
    const { backend } = await opened({ capacity: 2 })
    const [, , third] = await backend.enqueue([job('a'), job('b'), job('c')])
    expect(third).toMatchObject({ status: 'refused', error: { code: 'full', retryable: true, outcome: 'none' } })
    const [a] = await claim(backend, 1)
    const [settled] = await backend.settle([{ lease: a!.lease, to: 'completed', keep: 0, then: [job('next')] }])
    expect(settled).toMatchObject({ code: 'full' })
    expect(await backend.inspect.find(['a', 'next'])).toMatchObject([{ state: 'active' }, undefined])
    await backend.operate.remove(['b'])
    expect(await backend.enqueue([job('c')])).toEqual([{ status: 'enqueued' }])
  })

  it('refuses a payload that is too large, and only that', async () => {
    const { backend } = await opened()
    const most = backend.limits.payloadBytes
    const [fits, exceeds] = await backend.enqueue([
      job('a', { payload: 'x'.repeat(most) }),
      job('b', { payload: `${'x'.repeat(most - 1)}ä` }),
    ])
    expect(fits).toEqual({ status: 'enqueued' })
    expect(exceeds).toMatchObject({ status: 'refused', error: { code: 'too-large', retryable: false } })
  })

  it('applies nothing of a settlement that cannot be stored', async () => {
    const { backend } = await opened()
    await backend.enqueue([job('a'), job('b')])
    const [a, b] = await claim(backend)
    const answers = await backend.settle([
      { lease: a!.lease, to: 'completed', keep: 0, then: [job('next'), job('bad', { priority: -1 })] },
      { lease: b!.lease, to: 'completed', keep: 0 },
    ])
    expect(answers).toMatchObject([{ code: 'invalid' }, 'applied'])
    expect(await backend.inspect.find(['a', 'next'])).toMatchObject([{ state: 'active' }, undefined])
  })

  it('names a capacity that cannot be', () => {
    expect(() => memoryBackend({ capacity: 0 })).toThrow(OptionError)
    expect(() => memoryBackend({ capacity: 1e9 })).toThrow(/16000000/)
  })
})

describe('peers', () => {
  it('see the same jobs, wake each other and are closed one by one', async () => {
    const { backend } = await opened()
    const peer = backend.peer()
    await peer.open()
    const finished: string[] = []
    await peer.inspect.watch((news) => finished.push(...news.map(({ id, state }) => `${id} ${state}`)))
    const waiting = peer.claim({ queue: 'q', limit: 1, lease: 1000, wait: 10_000 }, never)
    await backend.enqueue([job('a'), job('b')])
    const [a] = await waiting
    await backend.settle([{ lease: a!.lease, to: 'completed', keep: 0 }])
    expect(finished).toEqual(['a completed'])
    await peer.close()
    expect(await claimedIds(backend)).toEqual(['b'])
    await expect(peer.enqueue([job('c')])).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('watching', () => {
  it('survives listeners that fail, and warns of them', async () => {
    const warnings: string[] = []
    const { backend, clock } = await opened({ warn: (message) => warnings.push(message) })
    const finished: number[] = []
    await backend.inspect.watch(() => {
      throw new Error('on purpose')
    })
    // oxlint-disable-next-line typescript/no-misused-promises -- what must not be passed is passed all the same
    await backend.inspect.watch(() => Promise.reject(new Error('later')))
    await backend.inspect.watch((news) => finished.push(news.length))
    await backend.enqueue(jobs(300))
    await drain(backend, 0)
    await clock.advance(0)
    expect(finished).toEqual([300])
    expect(warnings).toEqual([expect.stringContaining('on purpose'), expect.stringContaining('later')])
  })

  it('may use the backend from within a listener', async () => {
    const { backend, clock } = await opened()
    await backend.inspect.watch((news) => {
      void backend.enqueue(news.filter(({ id }) => id.length < 4).map(({ id }) => job(`${id}'`)))
    })
    await backend.enqueue([job('a')])
    await drain(backend, 1000)
    await clock.advance(0)
    expect(await backend.inspect.counts('q')).toMatchObject({ completed: 4, waiting: 0 })
  })
})

it('says that nothing survives the process', async () => {
  const { backend } = await opened()
  expect(await backend.health()).toEqual({
    reachable: true,
    durability: 'none',
    warnings: [expect.stringContaining('lost')],
  })
  await backend.close()
  expect(await backend.health()).toMatchObject({ reachable: false })
})
