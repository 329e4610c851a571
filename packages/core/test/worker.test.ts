import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import {
  BackendError,
  createQueue,
  createWorker,
  defineJob,
  handle,
  handleMany,
  memoryBackend,
  type,
  type HandlerContext,
  type Worker,
  type WorkerEvents,
} from '@jobport/core'
import { VirtualClock } from '@jobport/core/testing'
import { describe, expect, it, vi } from 'vitest'
import { replaced } from './backends.ts'

const job = defineJob('job', { input: type<number>(), keep: '1d' })
const items = (count: number) => Array.from({ length: count }, (_, input) => ({ input }))

function told<Event extends keyof WorkerEvents>(
  worker: Worker,
  event: Event,
): Promise<Parameters<WorkerEvents[Event]>> {
  return new Promise((resolve) => {
    worker.once(event, ((...args: Parameters<WorkerEvents[Event]>) => resolve(args)) as never)
  })
}

describe('claiming', () => {
  it('shares slots among queues by weight while each has jobs', async () => {
    const backend = memoryBackend()
    const [light, heavy] = (['light', 'heavy'] as const).map((queue) =>
      defineJob(queue, { queue, input: type<number>() }),
    )
    const queue = createQueue(backend)
    await queue.enqueueMany(light!, items(400))
    await queue.enqueueMany(heavy!, items(400))
    const order: string[] = []
    const work = async (_: unknown, { job: { name } }: { job: { name: string } }) => void order.push(name)
    const worker = createWorker(backend, [handle(light!, work), handle(heavy!, work)], {
      queues: { light: 1, heavy: 3 },
      concurrency: 8,
      claimAhead: 0,
    })
    await worker.start()
    await told(worker, 'idle')
    await worker.close()
    expect(order).toHaveLength(800)
    const first = order.slice(0, 400)
    const share = first.filter((name) => name === 'heavy').length / first.length
    expect(share).toBeGreaterThan(0.7)
    expect(share).toBeLessThan(0.8)
  })

  it('does not hoard: with slow handlers it claims what it has slots for', async () => {
    const backend = memoryBackend()
    await createQueue(backend).enqueueMany(job, items(50))
    const { promise: release, resolve } = Promise.withResolvers<void>()
    const worker = createWorker(backend, [handle(job, () => release)], { concurrency: 4 })
    await worker.start()
    await expect.poll(() => worker.running).toBe(4)
    expect((await backend.inspect.counts('default')).active).toBe(4)
    resolve()
    await worker.close()
  })

  it('gives back what it claimed ahead when the work before it turns slow', async () => {
    const clock = new VirtualClock()
    const backend = memoryBackend({ clock })
    const queue = createQueue(backend, { runtime: { clock } })
    await queue.enqueueMany(job, items(500))
    const { promise: release, resolve } = Promise.withResolvers<void>()
    // Quick until some are claimed ahead, then one holds the only slot.
    let isSlow = false
    const work = handle(job, () => {
      if (isSlow || worker.ready < 5) return new Promise<void>((done) => clock.schedule(1, done))
      isSlow = true
      return release
    })
    const worker: Worker = createWorker(backend, [work], { concurrency: 1, runtime: { clock } })
    const released: string[] = []
    worker.on('released', (_, { reason }) => released.push(reason))
    await worker.start()
    await clock.advance(100)
    const { ready } = worker
    expect(ready).toBeGreaterThanOrEqual(5)
    expect(released).toEqual([])
    await clock.advance(500)
    expect(released).toEqual(Array.from({ length: ready }, () => 'ahead'))
    expect(worker.ready).toBe(0)
    expect(await backend.inspect.counts('default')).toMatchObject({ active: 1 })
    resolve()
    await clock.advance(1_000)
    expect(await backend.inspect.counts('default')).toMatchObject({ completed: 500, waiting: 0 })
    await worker.close()
  })

  it('makes one call of each kind for a hundred jobs', async () => {
    const calls = { claim: 0, settle: 0, exchange: 0 }
    const backend = replaced(memoryBackend(), (inner) => ({
      claim: (request, signal) => (calls.claim++, inner.claim(request, signal)),
      settle: (settlements) => (calls.settle++, inner.settle(settlements)),
      exchange: (settlements, request) => (calls.exchange++, inner.exchange!(settlements, request)),
    }))
    await createQueue(backend).enqueueMany(job, items(100))
    const worker = createWorker(backend, [handle(job, async () => {})], { concurrency: 100 })
    await worker.start()
    await told(worker, 'idle')
    // The claim that brings them, one ahead, the one that waits for more, and what is settled in between.
    expect(calls.claim).toBeLessThanOrEqual(3)
    expect(calls.settle + calls.exchange).toBeLessThanOrEqual(2)
    await worker.close()
  })

  it.each([
    ['away', 'unavailable', 20, 100],
    ['without a right', 'denied', 10, 30],
    ['without the queue', 'not-found', 10, 30],
  ] as const)(
    'survives a backend that is %s, says so each time, and goes on when it is back',
    async (_, code, least, most) => {
      const clock = new VirtualClock()
      let isAway = true
      const backend = replaced(memoryBackend({ clock }), (inner) => ({
        claim: async (request, signal) => {
          if (isAway) throw new BackendError(code, 'test', 'not now')
          return inner.claim(request, signal)
        },
      }))
      await createQueue(backend, { runtime: { clock } }).enqueue(job, 1)
      const errors: unknown[] = []
      const done: number[] = []
      const worker = createWorker(backend, [handle(job, (input) => void done.push(input))], { runtime: { clock } })
      worker.on('error', (error) => errors.push(error))
      await worker.start()
      await clock.advance(60_000)
      expect(errors.length).toBeGreaterThan(least)
      expect(errors.length).toBeLessThan(most)
      expect(errors[0]).toMatchObject({ code })
      isAway = false
      await clock.advance(5_000)
      expect(done).toEqual([1])
      await worker.close()
    },
  )

  it('ends when its backend is one that it must not use any more, after what runs, and says why', async () => {
    const clock = new VirtualClock()
    let isNewer = false
    const backend = replaced(memoryBackend({ clock }), (inner) => ({
      claim: async (request, signal) => {
        if (isNewer) throw new BackendError('unsupported', 'test', 'the tables are newer')
        return inner.claim(request, signal)
      },
    }))
    const queue = createQueue(backend, { runtime: { clock } })
    const [begun, may] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const done: number[] = []
    const handler = handle(job, async (input) => {
      begun.resolve()
      await may.promise
      done.push(input)
    })
    const worker = createWorker(backend, [handler], { runtime: { clock }, concurrency: 2 })
    worker.on('error', () => {})
    const run = worker.run({ signals: [] })
    await queue.enqueue(job, 1)
    await begun.promise
    isNewer = true
    await queue.enqueue(job, 2)
    may.resolve()
    await expect(run).rejects.toMatchObject({ code: 'unsupported' })
    expect(done).toEqual([1])
  })

  it('ends when its backend is closed under it, and says why', async () => {
    const backend = memoryBackend()
    const worker = createWorker(backend, [handle(job, () => {})])
    worker.on('error', () => {})
    const run = worker.run({ signals: [] })
    await told(worker, 'idle')
    await backend.close()
    await expect(run).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('poison', () => {
  it('a job that kills every worker dies alone', async () => {
    const clock = new VirtualClock()
    const backend = memoryBackend({ clock })
    const queue = createQueue(backend, { runtime: { clock } })
    await queue.enqueueMany(job, items(20))
    const crashed = { times: 0 }
    const completed = new Set<string>()
    /** A worker that is cut off from everything, in the middle of all it does, when it meets number 7. */
    const work = async (): Promise<void> => {
      let isDead = false
      const never = new Promise<never>(() => {})
      const mortal = replaced(backend, (inner) => ({
        claim: (request, signal) => (isDead ? never : inner.claim(request, signal)),
        settle: (settlements) => (isDead ? never : inner.settle(settlements)),
        extend: (leases, lease) => (isDead ? never : inner.extend(leases, lease)),
        exchange: (settlements, request) => (isDead ? never : inner.exchange!(settlements, request)),
      }))
      const poison = handle(job, (input) => {
        if (input === 7) {
          isDead = true
          crashed.times++
        }
        return isDead ? never : undefined
      })
      const worker = createWorker(mortal, [poison], { concurrency: 20, lease: '10s', runtime: { clock } })
      worker.on('completed', ({ id }) => completed.add(id))
      await worker.start()
      await clock.advance(30_000)
    }
    for (let life = 0; life < 6; life++) await work()
    expect(crashed.times).toBe(3)
    expect(await backend.inspect.counts('default')).toMatchObject({ dead: 1, completed: 19 })
    expect(completed.size).toBe(19)
  })
})

/** The backend, with room for payloads of 800 bytes. */
const small = <Kind extends ReturnType<typeof memoryBackend>>(backend: Kind): Kind =>
  new Proxy(backend, {
    get(target, key) {
      if (key === 'limits') return { ...target.limits, payloadBytes: 800 }
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value
    },
  })

describe('what is too large', () => {
  const big = 'x'.repeat(700)
  const report = defineJob('report', {
    input: type<null>(),
    output: type<string>(),
    notify: [{ on: 'finished', to: { user: '1' } }],
  })

  it('a result that fits is stored although its notification would not, which then goes without it', async () => {
    const backend = small(memoryBackend())
    const queue = createQueue(backend)
    const ticket = await queue.enqueue(report, null)
    const worker = createWorker(backend, [handle(report, () => big)])
    await worker.start()
    await expect(ticket.result()).resolves.toBe(big)
    await worker.close()
    const { jobs } = await queue.inspect.list({ queue: 'jobport.notifications', state: 'waiting', limit: 9 })
    expect(jobs.map(({ payload }) => JSON.parse(payload) as unknown)).toMatchObject([
      { event: 'completed', abridged: true },
    ])
  })

  it.each([
    ['progress', ({ progress }: HandlerContext<string>) => progress(big + big)],
    [
      'a follow-up',
      ({ followUp }: HandlerContext<string>) =>
        followUp(
          report.followedBy(job, () => 1),
          null,
          { headers: { Bad: '' } },
        ),
    ],
    [
      'a follow-up of a thousand bytes',
      ({ followUp }: HandlerContext<string>) => followUp(defineJob('f', { input: type<string>() }), big + big),
    ],
  ])('%s that cannot be ends the job at once', async (_, misuse) => {
    const backend = small(memoryBackend())
    const queue = createQueue(backend)
    const ticket = await queue.enqueue(report, null)
    const worker = createWorker(backend, [handle(report, (_input, context) => (misuse(context), 'done'))])
    await worker.start()
    await expect(ticket.result()).rejects.toMatchObject({ code: 'job-dead' })
    expect((await ticket.record())!.errors).toHaveLength(1)
    await worker.close()
  })
})

describe('starting', () => {
  it('can be tried again after the backend could not be opened', async () => {
    let isAway = true
    const backend = replaced(memoryBackend(), (inner) => ({
      open: () => (isAway ? Promise.reject(new BackendError('unavailable', 'test', 'away')) : inner.open()),
    }))
    const worker = createWorker(backend, [handle(job, () => {})])
    await expect(worker.start()).rejects.toMatchObject({ code: 'unavailable' })
    isAway = false
    await worker.start()
    await worker.close()
    await expect(createWorker(backend, [handle(job, () => {})]).close()).resolves.toBeUndefined()
  })
})

describe('tampering', () => {
  it.each(['not json', '"text"', '{"retries": {}', 'null'])(
    'a policy of %s ends its job and no other',
    async (policy) => {
      const backend = memoryBackend()
      await backend.open()
      const given = { queue: 'default', name: 'job', payload: '1', headers: {} }
      await backend.enqueue([
        { id: 'tampered', policy, ...given },
        { id: 'sound', ...given },
      ])
      const worker = createWorker(backend, [handle(job, () => {})])
      await worker.start()
      await told(worker, 'idle')
      await worker.close()
      const [tampered, sound] = await backend.inspect.find(['tampered', 'sound'])
      expect(sound).toMatchObject({ state: 'completed' })
      expect(['dead', 'completed']).toContain(tampered!.state)
    },
  )
})

describe('many at once', () => {
  it('refuses an answer of the wrong length', async () => {
    const backend = memoryBackend()
    const once = defineJob('once', { input: type<number>(), output: type<number>(), retry: { retries: 0 } })
    await createQueue(backend).enqueueMany(once, items(3))
    const worker = createWorker(backend, [handleMany(once, () => [1])])
    const dead = told(worker, 'dead')
    await worker.start()
    expect((await dead)[1].error).toMatchObject({ code: 'invalid-option' })
    await worker.close()
  })

  it('fails the one for which an error is returned', async () => {
    const backend = memoryBackend()
    const once = defineJob('once', { input: type<number>(), output: type<number>(), retry: { retries: 0 } })
    await createQueue(backend).enqueueMany(once, items(3))
    const sizes: number[] = []
    const worker = createWorker(backend, [
      handleMany(once, (jobs) => {
        sizes.push(jobs.length)
        return jobs.map(({ input }) => (input === 1 ? new Error('odd') : input))
      }),
    ])
    await worker.start()
    await told(worker, 'idle')
    expect(sizes).toEqual([3])
    expect(await backend.inspect.counts('default')).toMatchObject({ completed: 2, dead: 1 })
    await worker.close()
  })
})

describe('the thread', () => {
  it('names the job that blocked it', async () => {
    const backend = memoryBackend()
    const greedy = defineJob('greedy', { input: type<null>() })
    const worker = createWorker(
      backend,
      [
        handle(greedy, () => {
          const end = performance.now() + 300
          while (performance.now() < end);
        }),
        handle(job, () => new Promise((resolve) => setTimeout(resolve, 50))),
      ],
      { blockedAfter: 100 },
    )
    // The machine may hold the thread up too, and whoever runs then is named.
    const blocked = new Promise<Parameters<WorkerEvents['blocked']>[0]>((resolve) => {
      worker.on('blocked', (block) => {
        if (block.jobs.includes('greedy')) resolve(block)
      })
    })
    await worker.start()
    const queue = createQueue(backend)
    await queue.enqueue(job, 1)
    await queue.enqueue(greedy, null)
    const { ms, jobs } = await blocked
    expect(jobs).toEqual(['greedy'])
    expect(ms).toBeGreaterThanOrEqual(100)
    await worker.close()
  })

  it('gets its turns while handlers never wait for anything', async () => {
    const backend = memoryBackend()
    await createQueue(backend).enqueueMany(job, items(20_000))
    let turns = 0
    let isBusy = true
    const count = (): void => {
      turns++
      if (isBusy) setImmediate(count)
    }
    setImmediate(count)
    const worker = createWorker(backend, [handle(job, async () => {})], { concurrency: 100 })
    await worker.start()
    await told(worker, 'idle')
    isBusy = false
    await worker.close()
    // A claim brings a thousand jobs at most, and each that comes is a turn.
    expect(turns).toBeGreaterThanOrEqual(10)
  })
})

describe('closing', () => {
  it('ends although the backend is away, and names what could not be stored', async () => {
    const clock = new VirtualClock()
    let isAway = false
    const away = new BackendError('unavailable', 'test', 'away')
    const backend = replaced(memoryBackend({ clock }), (inner) => ({
      settle: (settlements) => (isAway ? Promise.reject(away) : inner.settle(settlements)),
      exchange: (settlements, request) => (isAway ? Promise.reject(away) : inner.exchange!(settlements, request)),
    }))
    const { id } = await createQueue(backend, { runtime: { clock } }).enqueue(job, 1)
    const worker = createWorker(backend, [handle(job, () => void (isAway = true))], { runtime: { clock } })
    worker.on('error', () => {})
    await worker.start()
    await clock.advance(1_000)
    const closed = worker.close().catch((error: unknown) => error)
    await clock.advance(30_000)
    expect(await closed).toMatchObject({ code: 'unsettled', ids: [id] })
  })
})

describe('listeners', () => {
  it('prints errors that nobody listens for', async () => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {})
    const backend = memoryBackend()
    const worker = createWorker(backend, [handle(job, () => {})])
    worker.on('completed', () => {
      throw new Error('my listener')
    })
    await worker.start()
    await createQueue(backend).enqueue(job, 1)
    await expect
      .poll(() => print.mock.calls)
      .toContainEqual(['jobport worker:', expect.objectContaining({ message: 'my listener' })])
    await worker.close()
    print.mockRestore()
  })
})

const spawn = (...args: string[]) =>
  fork(fileURLToPath(new URL('worker-process.ts', import.meta.url)), args, { stdio: 'pipe' })

describe('signals', () => {
  it('SIGTERM lets the running job finish, then the process ends by itself', async () => {
    const child = spawn('finishes')
    const messages: unknown[] = []
    child.on('message', (message) => {
      messages.push(message)
      if (message === 'running') child.kill('SIGTERM')
    })
    const [code, signal] = (await once(child, 'exit')) as [number, string]
    expect({ code, signal, messages }).toEqual({ code: 0, signal: null, messages: ['running', 'finished', 'closed'] })
  })

  it('a second SIGTERM ends the process at once', async () => {
    const child = spawn('hangs')
    child.on('message', (message) => {
      if (message === 'running' || message === 'closing') child.kill('SIGTERM')
    })
    const [code, signal] = (await once(child, 'exit')) as [number, string]
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGTERM' })
  })
})
