import { expect, it } from 'vitest'
import { BackendError, type Backend, type Extended, type Lease, type Settlement } from '../adapter.ts'
import { createQueue, createWorker, defineJob, handle, memoryBackend, type, type Worker } from '../index.ts'
import { VirtualClock } from '../testing.ts'

const job = defineJob('test.job', { input: type<{ after: number }>() })

it('a job that comes at the end of a long idle time keeps its lease for as long as it runs', async () => {
  const clock = new VirtualClock()
  const backend = memoryBackend({ clock })
  const told: string[] = []
  const work = handle(job, ({ after }, { signal }) => {
    signal.addEventListener('abort', () => told.push((signal.reason as Error).name))
    return new Promise((resolve) => clock.schedule(after, () => resolve(undefined)))
  })
  const worker = createWorker(backend, [work], { lease: '1s', runtime: { clock } })
  tellAll(worker, told)
  const queue = createQueue(backend, { runtime: { clock } })
  await worker.start()
  await clock.advance(19_500)
  await queue.enqueue(job, { after: 10 })
  await clock.advance(50)
  await queue.enqueue(job, { after: 3_000 })
  await clock.advance(3_100)
  expect(told).toEqual(['completed', 'completed'])
})

it('each of several jobs keeps its lease for as long as it runs, in whatever order they end', async () => {
  const clock = new VirtualClock()
  const backend = memoryBackend({ clock })
  const told: string[] = []
  const work = handle(job, ({ after }) => new Promise((resolve) => clock.schedule(after, () => resolve(undefined))))
  const worker = createWorker(backend, [work], { lease: '1s', runtime: { clock } })
  tellAll(worker, told)
  const queue = createQueue(backend, { runtime: { clock } })
  await worker.start()
  for (const after of [1_500, 3_000, 200, 2_500, 4_000, 500]) await queue.enqueue(job, { after })
  await clock.advance(4_500)
  expect(told).toEqual(Array.from({ length: 6 }, () => 'completed'))
  expect(worker.isIdle).toBe(true)
})

it('a lease is extended every third of it, also while a handler ignores its signal', async () => {
  const clock = new VirtualClock()
  const memory = memoryBackend({ clock })
  const extended: number[] = []
  const backend = changed(memory, {
    extend: (leases, lease) => {
      extended.push(clock.now())
      return memory.extend(leases, lease)
    },
  })
  const stubborn = defineJob('test.stubborn', { input: type<unknown>(), timeout: 1_700, retry: { retries: 0 } })
  const told: string[] = []
  const worker = createWorker(backend, [handle(stubborn, () => new Promise(() => {}))], {
    lease: '1200ms',
    abortGrace: '2s',
    runtime: { clock },
  })
  tellAll(worker, told)
  await worker.start()
  await createQueue(backend, { runtime: { clock } }).enqueue(stubborn, {})
  await clock.advance(4_000)
  expect(extended).toEqual([400, 800, 1_200, 1_600, 2_000, 2_400, 2_800, 3_200, 3_600])
  expect(told).toEqual(['abandoned', 'failed'])
})

it('a lease is extended a third of it after its claim was sent, however long the answer took and however short it is', async () => {
  const clock = new VirtualClock()
  const memory = memoryBackend({ clock })
  const extended: number[] = []
  const backend = changed(memory, {
    claim: async (request, signal) => {
      const claimed = await memory.claim(request, signal)
      return new Promise((resolve) => clock.schedule(clock.now() === 0 ? 300 : 0, () => resolve(claimed)))
    },
    exchange: undefined,
    extend: (leases, lease) => {
      extended.push(clock.now())
      return memory.extend(leases, lease)
    },
  })
  const queue = createQueue(backend, { runtime: { clock } })
  await queue.enqueue(job, { after: 900 })
  const told: string[] = []
  const work = handle(job, ({ after }) => new Promise((resolve) => clock.schedule(after, () => resolve(undefined))))
  const worker = createWorker(backend, [work], { lease: '600ms', runtime: { clock } })
  tellAll(worker, told)
  await worker.start()
  await clock.advance(1_100)
  expect(extended).toEqual([300, 500, 700, 900, 1_100])
  await queue.enqueue(job, { after: 500 })
  await clock.advance(400)
  expect(extended.slice(5)).toEqual([1_300, 1_500])
  expect(told).toEqual(['completed'])
})

it('what befalls some jobs of a claim befalls none of the others', async () => {
  const clock = new VirtualClock()
  const backend = memoryBackend({ clock })
  const queue = createQueue(backend, { runtime: { clock } })
  const stubborn = defineJob('test.stubborn', { input: type<unknown>(), timeout: 300, retry: { retries: 0 } })
  for (let each = 0; each < 2; each++) await queue.enqueue(stubborn, {})
  await queue.enqueue(job, { after: 2_000 })
  const told: string[] = []
  const worker = createWorker(
    backend,
    [
      handle(stubborn, () => new Promise(() => {})),
      handle(job, ({ after }) => new Promise((resolve) => clock.schedule(after, () => resolve(undefined)))),
    ],
    { lease: '1200ms', abortGrace: '500ms', runtime: { clock } },
  )
  tellAll(worker, told)
  await worker.start()
  await clock.advance(2_500)
  expect(told.toSorted()).toEqual(['abandoned', 'abandoned', 'completed', 'failed', 'failed'])
})

it.each([
  ['lost', [400]],
  ['cancelled', [400, 800, 1_200]],
] as const)('a handler that ignores that its job is %s has its time to stop once', async (reply, heartbeats) => {
  const clock = new VirtualClock()
  const memory = memoryBackend({ clock })
  const extended: number[] = []
  const backend = changed(memory, {
    extend: (leases) => {
      extended.push(clock.now())
      return Promise.resolve(leases.map(() => reply))
    },
  })
  const abandonedAt: number[] = []
  const worker = createWorker(backend, [handle(job, () => new Promise(() => {}))], {
    lease: '1200ms',
    abortGrace: '1s',
    runtime: { clock },
  })
  worker.on('abandoned', () => abandonedAt.push(clock.now()))
  await worker.start()
  await createQueue(backend, { runtime: { clock } }).enqueue(job, { after: 0 })
  await clock.advance(1_500)
  expect(extended).toEqual(heartbeats)
  expect(abandonedAt).toEqual([1_400])
})

it('a handler that looks at its signal late sees what happened before', async () => {
  const clock = new VirtualClock()
  const backend = memoryBackend({ clock })
  const late = defineJob('test.late', { input: type<unknown>(), timeout: 300, retry: { retries: 0 } })
  const seen: unknown[] = []
  const work = handle(late, (_, context) => {
    return new Promise((resolve) =>
      clock.schedule(400, () => {
        seen.push(context.signal.reason)
        resolve(undefined)
      }),
    )
  })
  const worker = createWorker(backend, [work], { runtime: { clock } })
  await worker.start()
  await createQueue(backend, { runtime: { clock } }).enqueue(late, {})
  await clock.advance(500)
  expect(seen).toMatchObject([{ code: 'job-timeout' }])
})

it('a lease about which an answer is late is asked for again when it would have been anyway', async () => {
  const clock = new VirtualClock()
  const memory = memoryBackend({ clock })
  const extended: number[] = []
  const backend = changed(memory, {
    extend: (leases, lease) => {
      extended.push(clock.now())
      if (extended.length > 1) return memory.extend(leases, lease)
      return new Promise((resolve) => clock.schedule(350, () => resolve(leases.map(() => 'unknown'))))
    },
  })
  const worker = createWorker(backend, [handle(job, () => new Promise(() => {}))], {
    lease: '1200ms',
    runtime: { clock },
  })
  await worker.start()
  await createQueue(backend, { runtime: { clock } }).enqueue(job, { after: 0 })
  await clock.advance(1_000)
  expect(extended).toEqual([400, 800])
})

it.each<[string, (leases: readonly Lease[]) => Promise<readonly Extended[]>, number]>([
  ['not known', (leases) => Promise.resolve(leases.map(() => 'unknown')), 0],
  ['a failure of its own', (leases) => Promise.resolve(leases.map(unavailable)), 1],
  ['a failure of the call', () => Promise.reject(unavailable()), 1],
])('a lease that may not have been extended is asked for again soon: %s', async (_, answer, failures) => {
  const clock = new VirtualClock()
  const memory = memoryBackend({ clock })
  const extended: number[] = []
  const backend = changed(memory, {
    extend: (leases, lease) => {
      extended.push(clock.now())
      return extended.length === 2 ? answer(leases) : memory.extend(leases, lease)
    },
  })
  const told: string[] = []
  const work = handle(job, ({ after }) => new Promise((resolve) => clock.schedule(after, () => resolve(undefined))))
  const worker = createWorker(backend, [work], { lease: '1200ms', runtime: { clock } })
  tellAll(worker, told)
  const errors: unknown[] = []
  worker.on('error', (error) => errors.push(error))
  await worker.start()
  await createQueue(backend, { runtime: { clock } }).enqueue(job, { after: 1_500 })
  await clock.advance(1_600)
  expect(extended).toEqual([400, 800, 900, 1_300])
  expect(told).toEqual(['completed'])
  expect(errors).toHaveLength(failures)
})

it('a job that is held by a transaction which is open for longer than its lease goes on, and is given up soon when nothing is heard of it', async () => {
  const clock = new VirtualClock()
  const memory = memoryBackend({ clock })
  const backend = changed(memory, {
    extend: (leases) =>
      clock.now() < 3_000 ? Promise.resolve(leases.map(() => 'unknown' as const)) : Promise.reject(unavailable()),
  })
  const stoppedAt: number[] = []
  const work = handle(job, (_, { signal }) => {
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => {
        stoppedAt.push(clock.now())
        reject(signal.reason as Error)
      }),
    )
  })
  const worker = createWorker(backend, [work], { lease: '1200ms', runtime: { clock } })
  worker.on('error', () => {})
  await worker.start()
  await createQueue(backend, { runtime: { clock } }).enqueue(job, { after: 0 })
  await clock.advance(4_000)
  // That of the first attempt; this backend has given the job out again meanwhile.
  expect(stoppedAt[0]).toBe(3_200)
})

it('a lease counts from when it was asked for, and an answer that says no more than that the job is held does not shorten it', async () => {
  const clock = new VirtualClock()
  const memory = memoryBackend({ clock })
  const answers = [
    (leases: readonly Lease[]) =>
      new Promise<readonly Extended[]>((resolve) => clock.schedule(300, () => resolve(memory.extend(leases, 1_200)))),
    (leases: readonly Lease[]) => Promise.resolve(leases.map(() => 'unknown' as const)),
  ]
  const backend = changed(memory, { extend: (leases) => answers.shift()?.(leases) ?? Promise.reject(unavailable()) })
  let stoppedAt = 0
  const work = handle(job, (_, { signal }) => {
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => {
        stoppedAt = clock.now()
        reject(signal.reason as Error)
      }),
    )
  })
  const worker = createWorker(backend, [work], { lease: '1200ms', runtime: { clock } })
  worker.on('error', () => {})
  await worker.start()
  await createQueue(backend, { runtime: { clock } }).enqueue(job, { after: 0 })
  await clock.advance(1_400)
  // It was asked for at 400, and is not relied on to its end.
  expect(stoppedAt).toBe(1_350)
})

it('a handler that is stopped because its lease could not be extended has not failed', async () => {
  const clock = new VirtualClock()
  const memory = memoryBackend({ clock })
  const backend = changed(memory, { extend: () => Promise.reject(unavailable()) })
  const told: string[] = []
  const stopped = handle(job, (_, { signal }) => {
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
  })
  const worker = createWorker(backend, [stopped], { lease: '1s', runtime: { clock } })
  tellAll(worker, told)
  worker.on('error', () => {})
  const queue = createQueue(backend, { runtime: { clock } })
  await worker.start()
  const { id } = await queue.enqueue(job, { after: 0 })
  await clock.advance(800)
  expect(told).toEqual(['released'])
  const [record] = await memory.inspect.find([id])
  expect(record).toMatchObject({ state: 'active', attempt: 2, failures: 0, crashes: 0 })
})

it('an attempt whose lease is lost is settled no more', async () => {
  const clock = new VirtualClock()
  const memory = memoryBackend({ clock })
  const settled: Settlement[] = []
  const backend = changed(memory, {
    extend: (leases) => Promise.resolve(leases.map(() => 'lost' as const)),
    settle: (settlements) => {
      settled.push(...settlements)
      return memory.settle(settlements)
    },
    exchange: undefined,
  })
  const told: string[] = []
  const stopped = handle(job, (_, { signal }) => {
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
  })
  const worker = createWorker(backend, [stopped], { lease: '1200ms', runtime: { clock } })
  tellAll(worker, told)
  await worker.start()
  await createQueue(backend, { runtime: { clock } }).enqueue(job, { after: 0 })
  await clock.advance(500)
  expect(told).toEqual(['lost'])
  expect(settled).toEqual([])
})

it('a handler that has ended is not told that its lease ended with it', async () => {
  const clock = new VirtualClock()
  const memory = memoryBackend({ clock })
  const backend = changed(memory, {
    // Its answer comes when the job is done.
    extend: (leases, lease) =>
      new Promise((resolve) => clock.schedule(200, () => resolve(memory.extend(leases, lease)))),
  })
  const told: string[] = []
  const work = handle(job, ({ after }, { signal }) => {
    signal.addEventListener('abort', () => told.push('aborted'))
    return new Promise((resolve) => clock.schedule(after, () => resolve(undefined)))
  })
  const worker = createWorker(backend, [work], { lease: '1200ms', runtime: { clock } })
  tellAll(worker, told)
  await worker.start()
  await createQueue(backend, { runtime: { clock } }).enqueue(job, { after: 500 })
  await clock.advance(700)
  expect(told).toEqual(['completed'])
})

it('a settlement is not repeated after its lease where nothing fences it', async () => {
  const clock = new VirtualClock()
  const memory = memoryBackend({ clock })
  const sent: number[] = []
  const backend = changed(memory, {
    features: { ...memory.features, state: false, results: false },
    settle: (settlements: readonly Settlement[]) => {
      sent.push(...settlements.filter(({ lease }) => lease.token.startsWith('1:')).map(() => clock.now()))
      return Promise.reject(unavailable())
    },
    exchange: undefined,
  })
  const told: string[] = []
  const worker = createWorker(backend, [handle(job, () => {})], { lease: '1s', runtime: { clock } })
  tellAll(worker, told)
  worker.on('error', () => {})
  await worker.start()
  await createQueue(backend, { runtime: { clock } }).enqueue(job, { after: 0 })
  await clock.advance(1_500)
  expect(sent.length).toBeGreaterThan(2)
  expect(Math.max(...sent)).toBeLessThan(750)
  expect(told).toContain('lost')
})

function unavailable(): BackendError {
  return new BackendError('unavailable', 'memory', 'away')
}

function changed(memory: object, changes: { readonly [Key in keyof Backend]?: Backend[Key] | undefined }): Backend {
  return new Proxy(memory, {
    get(target, key) {
      if (key in changes) return changes[key as keyof Backend]
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  }) as Backend
}

function tellAll(worker: Worker, told: string[]): void {
  for (const event of ['completed', 'failed', 'lost', 'abandoned', 'released'] as const) {
    worker.on(event, () => told.push(event))
  }
}
