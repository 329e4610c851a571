import {
  createQueue,
  createWorker,
  defineJob,
  handle,
  memoryBackend,
  memoryStore,
  withStore,
  type,
} from '@jobport/core'
import { BackendError, type ClaimedJob, type Health, type Mover, type NewJob, type Store } from '@jobport/core/adapter'
import { memoryBroker, VirtualClock, type MemoryBroker } from '@jobport/core/testing'
import { describe, expect, it } from 'vitest'

const never = new AbortController().signal
const minute = 60_000

type Calls = Record<string, number>

/** The same object with its calls counted, and with some of them replaced. */
function spied<T extends object>(inner: T, calls: Calls, replaced: Partial<T> = {}): T {
  return new Proxy(inner, {
    get(target, key) {
      const value: unknown = Reflect.get(replaced, key) ?? Reflect.get(target, key, target)
      if (typeof value !== 'function') return value
      return (...given: unknown[]) => {
        calls[String(key)] = (calls[String(key)] ?? 0) + 1
        return (value as (...args: unknown[]) => unknown).apply(target, given)
      }
    },
  })
}

interface StageOptions {
  readonly broker?: (broker: MemoryBroker) => Partial<MemoryBroker>
  readonly store?: (store: Store) => Partial<Store>
  readonly options?: Parameters<typeof withStore>[2]
}

async function stage({ broker: brokerWith, store: storeWith, options }: StageOptions = {}) {
  const clock = new VirtualClock()
  const broker = memoryBroker({ clock })
  const store = memoryStore({ clock, warn: () => {} })
  const [atBroker, atStore]: [Calls, Calls] = [{}, {}]
  const warnings: string[] = []
  const backend = withStore(
    spied<MemoryBroker>(broker, atBroker, brokerWith?.(broker)),
    spied<Store>(store, atStore, storeWith?.(store)),
    { clock, warn: (message) => warnings.push(message), ...options },
  )
  await backend.open()
  const other = withStore(broker.peer(), store.peer(), { clock })
  await other.open()
  const claim = (by: Mover = backend, lease = minute, wait = 0): Promise<readonly ClaimedJob[]> =>
    by.claim({ queue: 'q', limit: 100, lease, wait }, never)
  return { clock, backend, other, broker, store, atBroker, atStore, warnings, claim }
}

/** As `stage`, with what the broker was given. */
async function observed() {
  const sent: NewJob[] = []
  const staged = await stage({
    broker: (broker) => ({
      enqueue: (jobs) => {
        sent.push(...jobs)
        return broker.enqueue(jobs)
      },
    }),
  })
  return { ...staged, sent }
}

/** At most so many jobs, without waiting. */
function take(by: Mover, limit: number): Promise<readonly ClaimedJob[]> {
  return by.claim({ queue: 'q', limit, lease: minute, wait: 0 }, never)
}

let ids = 0
function job(more: Partial<NewJob> = {}): NewJob {
  return { id: `job-${ids++}`, queue: 'q', name: 'n', payload: '"p"', headers: { h: '1' }, ...more }
}

const unavailable = (outcome: 'none' | 'unknown') =>
  new BackendError('unavailable', 'memory-broker', 'away', { outcome })

/** Takes all messages away, as an operator can, or a broker that loses them. */
async function purge(broker: MemoryBroker): Promise<void> {
  const messages = await broker.claim({ queue: 'q', limit: 100, lease: minute, wait: 0 }, never)
  await broker.settle(messages.map(({ lease }) => ({ lease, to: 'completed', keep: 0 })))
}

const as = (durability: Health['durability']) => ({
  health: async (): Promise<Health> => ({ reachable: true, durability, warnings: [] }),
})

describe('a broker with a store', () => {
  it('costs one insert, one begin and one apply a batch, and one confirmation where something was sent', async () => {
    const { backend, claim, atBroker, atStore, clock } = await stage()
    const jobs = Array.from({ length: 100 }, () => job())
    await backend.enqueue(jobs)
    const claimed = await claim()
    expect(claimed).toHaveLength(100)
    await backend.settle(
      claimed.map(({ lease }, index) =>
        index % 2 === 0
          ? { lease, to: 'completed', keep: minute, then: [job({ queue: 'next' })] }
          : { lease, to: 'waiting', delay: 1_000, counts: 'failure' },
      ),
    )
    await clock.advance(0)
    expect(atStore).toMatchObject({ insert: 1, begin: 1, apply: 1 })
    expect(atStore['sent']).toBeLessThanOrEqual(3)
    expect(atStore['due']).toBe(1)
    expect(atStore['find']).toBeUndefined()
    expect(atBroker).toMatchObject({ enqueue: 2, claim: 1, settle: 1 })
  })

  it('gives jobs that are due now to the broker together, a hundred to a message', async () => {
    const { sent, backend, claim, atBroker } = await observed()
    const jobs = Array.from({ length: 250 }, (_, index) =>
      job({
        id: `many-${index}`,
        payload: JSON.stringify(`"${index}é\n😀`),
        ...(index % 2 === 1 && { policy: '{"p":1}' }),
        ...(index % 3 === 1 && { name: 'other', headers: index === 1 ? {} : { h: '1', i: '2' } }),
      }),
    )
    await backend.enqueue(jobs)
    expect(sent.map(({ headers }) => headers['jobport-jobs'])).toEqual(['100', '100', '50'])
    // Whoever else reads the queue finds JSON, with the payloads as they are.
    expect((JSON.parse(sent[0]!.payload) as unknown[]).slice(1)).toEqual(
      jobs.slice(0, 100).map(({ payload }) => JSON.parse(payload)),
    )
    const claimed = [...(await claim()), ...(await claim()), ...(await claim())]
    expect(claimed.map(({ lease, name, payload, headers, policy }) => ({ id: lease.id, queue: lease.queue, name, payload, headers, ...(policy !== undefined && { policy }) }))).toEqual(jobs) // prettier-ignore
    expect(atBroker).toMatchObject({ enqueue: 1, settle: 3 })
  })

  it('gives each job a message of its own that has a delay or another priority, and none that is large to others', async () => {
    const { sent, backend } = await observed()
    const large = JSON.stringify('x'.repeat(70_000))
    await backend.enqueue([
      job({ id: 'a' }),
      job({ id: 'delayed', delay: 1_000 }),
      job({ id: 'urgent', priority: 2 }),
      job({ id: 'large', payload: large }),
      job({ id: 'elsewhere', queue: 'other' }),
      job({ id: 'b' }),
    ])
    expect(sent.map(({ id, delay, priority, headers }) => [id, delay, priority, headers['jobport-jobs']])).toEqual([
      ['a', undefined, undefined, '2'],
      ['delayed', 1_000, undefined, undefined],
      ['urgent', undefined, 2, undefined],
      ['large', undefined, undefined, undefined],
      ['elsewhere', undefined, undefined, undefined],
    ])
  })

  it('passes on what is left of a message when a claim takes fewer jobs than came with it', async () => {
    const { backend, other, store } = await stage()
    const jobs = Array.from({ length: 10 }, (_, index) => job({ id: `part-${index}` }))
    await backend.enqueue(jobs)
    const [mine, yours] = [await take(backend, 3), await take(other, 5)]
    const rest = await take(backend, 100)
    const claimed = [...mine, ...yours, ...rest]
    expect([mine.length, yours.length, rest.length]).toEqual([3, 5, 2])
    expect(claimed.map(({ lease }) => lease.id).toSorted()).toEqual(jobs.map(({ id }) => id).toSorted())
    expect(claimed.every(({ attempt }) => attempt === 1)).toBe(true)
    expect((await store.inspect.counts('q')).active).toBe(10)
  })

  it('works on what has come when a broker fails to deliver more', async () => {
    let claims = 0
    const { backend } = await stage({
      broker: (broker) => ({
        claim: (request, signal) =>
          claims++ > 0 ? Promise.reject(unavailable('none')) : broker.claim(request, signal),
      }),
    })
    await backend.enqueue([job()])
    await backend.enqueue([job()])
    expect(await take(backend, 10)).toHaveLength(1)
    await expect(take(backend, 10)).rejects.toMatchObject({ code: 'unavailable' })
    expect(claims).toBe(3)
  })

  it('gives messages back that have come because those before had one job each', async () => {
    const { backend, other } = await stage()
    for (let single = 0; single < 3; single++) await backend.enqueue([job()])
    expect(await take(backend, 10)).toHaveLength(3)
    for (let batch = 0; batch < 3; batch++) await backend.enqueue(Array.from({ length: 5 }, () => job()))
    const claimed = [...(await take(backend, 7)), ...(await take(other, 100))]
    expect(claimed.length).toBe(15)
    expect(new Set(claimed.map(({ lease }) => lease.id)).size).toBe(15)
  })

  it('gives a message back of which it could not pass on what was left', async () => {
    let denied = false
    const { backend, other, claim } = await stage({
      broker: (broker) => ({
        enqueue: (jobs) => (denied ? Promise.reject(unavailable('none')) : broker.enqueue(jobs)),
      }),
    })
    await backend.enqueue([job(), job(), job()])
    denied = true
    const first = await take(backend, 1)
    const rest = await claim(other)
    expect(new Set([...first, ...rest].map(({ lease }) => lease.id)).size).toBe(3)
    expect([first.length, rest.length]).toEqual([1, 2])
  })

  it('is done with a message when its jobs have begun: what becomes of them the broker never hears', async () => {
    const { backend, broker, other, claim, clock, atBroker } = await stage()
    await backend.enqueue([job(), job()])
    const claimed = await claim()
    await clock.advance(0)
    expect(atBroker['settle']).toBe(1)
    await backend.extend(claimed.map(({ lease }) => lease), minute) // prettier-ignore
    await backend.settle([{ lease: claimed[0]!.lease, to: 'completed', keep: 0 }])
    expect([atBroker['settle'], atBroker['extend']]).toEqual([1, undefined])
    // Nothing of it is left there, and who dies with the other job is found by the store.
    await clock.advance(minute - 1)
    expect(await broker.claim({ queue: 'q', limit: 9, lease: minute, wait: 0 }, never)).toEqual([])
    await claim(other)
    await clock.advance(1_001)
    expect(await claim(other)).toMatchObject([{ lease: { id: claimed[1]!.lease.id }, attempt: 2, crashes: 1 }])
  })

  it('begins what is left of a message that comes again because its worker died before it said that it had begun them', async () => {
    const { backend, other, claim, clock } = await stage({
      broker: () => ({ settle: () => Promise.reject(unavailable('unknown')) }),
    })
    await backend.enqueue([job({ id: 'first' }), job({ id: 'second' })])
    expect(await claim()).toHaveLength(2)
    await clock.advance(minute / 2)
    expect(await claim(other)).toEqual([])
    await clock.advance(minute)
    const again = await claim(other)
    expect(again.map(({ lease, attempt }) => `${lease.id} ${attempt}`).toSorted()).toEqual(['first 2', 'second 2'])
  })

  const head = { ids: ['a', 'b'], names: ['n'], lengths: [1, 1] }
  const body = (more: object): string => `[${JSON.stringify({ ...head, ...more })}\n,1,2]`

  it('reads a message of many jobs that says no more than it must', async () => {
    const { broker, store, claim } = await stage()
    await store.insert(['a', 'b'].map((id) => job({ id, payload: id === 'a' ? '1' : '2', headers: {} })), { delay: 0, grace: minute, origin: 'o' }) // prettier-ignore
    await broker.enqueue([job({ payload: body({}), headers: { 'jobport-store': 'message:o', 'jobport-jobs': '2' } })])
    expect(await claim()).toMatchObject([
      { lease: { id: 'a' }, name: 'n', payload: '1', headers: {} },
      { lease: { id: 'b' }, name: 'n', payload: '2', headers: {} },
    ])
  })

  it.each([
    '',
    'broken',
    'null',
    '[]',
    '[broken\n,1,2]',
    '[null\n,1,2]',
    '[[]\n,1,2]',
    `[${JSON.stringify(head)},1,2]`,
    `[${JSON.stringify(head)}\n,1]`,
    `[${JSON.stringify(head)}\n,1,2,3]`,
    body({ ids: 'a' }),
    body({ ids: ['a', 2] }),
    body({ ids: ['a', 'b', 'c'] }),
    body({ names: [] }),
    body({ names: [1] }),
    body({ names: ['n', 'n', 'n'] }),
    body({ lengths: [3] }),
    body({ lengths: [4, -2] }),
    body({ lengths: [1.5, 0.5] }),
    body({ headers: null }),
    body({ headers: [null] }),
    body({ policies: [1] }),
  ])('leaves a message with the broker’s dead whose jobs cannot be read: %s', async (payload) => {
    const settled: string[] = []
    const { backend, broker, claim } = await stage({
      broker: (inner) => ({
        settle: (settlements) => {
          settled.push(...settlements.map(({ to }) => to))
          return inner.settle(settlements)
        },
      }),
    })
    await broker.enqueue([job({ payload, headers: { 'jobport-store': 'message:', 'jobport-jobs': '2' } })])
    await backend.enqueue([job()])
    expect(await claim()).toHaveLength(1)
    expect(settled.toSorted()).toEqual(['completed', 'dead'])
  })

  it('gives a retry to the broker when its delay is over, to the moment', async () => {
    const { backend, claim, clock } = await stage()
    await backend.enqueue([job(), job()])
    const [soon, now] = await claim()
    await backend.settle([
      { lease: soon!.lease, to: 'waiting', delay: 300, counts: 'failure' },
      { lease: now!.lease, to: 'waiting', delay: 0, counts: 'nothing' },
    ])
    expect(await claim()).toMatchObject([{ lease: { id: now!.lease.id }, attempt: 2, failures: 0 }])
    await clock.advance(299)
    expect(await claim()).toEqual([])
    await clock.advance(11)
    expect(await claim()).toMatchObject([{ lease: { id: soon!.lease.id }, attempt: 2, failures: 1 }])
  })

  it('sends what a producer stored and did not send, from another process', async () => {
    const { backend, other, claim, clock, store } = await stage({
      broker: () => ({ enqueue: () => Promise.reject(unavailable('none')) }),
    })
    const created = job()
    expect(await backend.enqueue([created])).toEqual([{ status: 'enqueued' }])
    expect(await claim(other)).toEqual([])
    await clock.advance(31_000)
    expect((await claim(other)).map(({ lease }) => lease.id)).toEqual([created.id])
    expect(await store.inspect.find([created.id])).toMatchObject([{ state: 'active' }])
  })

  it('sends later what the broker refused for now', async () => {
    const full = new BackendError('full', 'memory-broker', 'no space')
    const { backend, other, claim, clock } = await stage({
      broker: () => ({ enqueue: async (jobs) => jobs.map(() => ({ status: 'refused', error: full })) }),
    })
    expect(await backend.enqueue([job()])).toEqual([{ status: 'enqueued' }])
    await clock.advance(0)
    await claim(other)
    await clock.advance(31_000)
    expect(await claim(other)).toHaveLength(1)
  })

  it('tells the broker nothing of a claim that is lost', async () => {
    const { backend, other, claim, clock, atBroker } = await stage()
    await backend.enqueue([job()])
    const [stale] = await claim()
    await clock.advance(minute + 1_000)
    const [held] = await claim(other)
    const then = [job({ queue: 'next' })]
    const before = { ...atBroker }
    expect(await backend.settle([{ lease: stale!.lease, to: 'completed', keep: 0, then }])).toEqual(['lost'])
    expect(atBroker).toEqual(before)
    expect(await other.settle([{ lease: held!.lease, to: 'completed', keep: 0 }])).toEqual(['applied'])
  })

  it('runs a job once though its message was sent twice', async () => {
    const { backend, other, claim, clock } = await stage({
      broker: (broker) => ({
        async enqueue(jobs) {
          await broker.enqueue(jobs)
          throw unavailable('unknown')
        },
      }),
    })
    await backend.enqueue([job()])
    const [held] = await claim()
    expect(await claim(other)).toEqual([])
    await clock.advance(minute / 2)
    expect(await claim(other)).toEqual([])
    expect(await backend.settle([{ lease: held!.lease, to: 'completed', keep: minute }])).toEqual(['applied'])
    await clock.advance(10 * minute)
    expect(await claim(other)).toEqual([])
  })

  it('runs a job again whose message was acknowledged while its holder lived, when that dies', async () => {
    const { backend, other, broker, claim, clock } = await stage()
    const created = job()
    await backend.enqueue([created])
    expect(await claim()).toHaveLength(1)
    // The broker delivers early: another message of the job, or a connection that broke.
    await broker.enqueue([{ ...created, headers: { ...created.headers, 'jobport-store': 'message:' } }])
    expect(await claim(other)).toEqual([])
    await clock.advance(minute - 1)
    expect(await claim(other)).toEqual([])
    await clock.advance(1_001)
    expect(await claim(other)).toMatchObject([{ attempt: 2, crashes: 1 }])
  })

  it('lets the lease of the store decide where the broker forgets to extend', async () => {
    const { backend, other, claim, clock } = await stage({
      broker: () => ({ extend: () => Promise.reject(unavailable('unknown')) }),
    })
    await backend.enqueue([job()])
    const [held] = await claim()
    for (let round = 0; round < 5; round++) {
      await clock.advance(minute / 2)
      expect(await backend.extend([held!.lease], minute)).toEqual(['applied'])
      expect(await claim(other)).toEqual([])
    }
    expect(await backend.settle([{ lease: held!.lease, to: 'completed', keep: 0 }])).toEqual(['applied'])
  })

  it('keeps a retry whose return the broker never heard of', async () => {
    const { backend, other, broker, claim, clock } = await stage({
      // The message is gone, and nobody says so.
      broker: (inner) => ({
        settle: (settlements) =>
          inner
            .settle(settlements.map(({ lease }) => ({ lease, to: 'completed', keep: 0 })))
            .then((answers) => answers.map(() => 'unknown' as const)),
      }),
    })
    await backend.enqueue([job()])
    const [held] = await claim()
    await backend.settle([{ lease: held!.lease, to: 'waiting', delay: 1_000, counts: 'failure' }])
    await clock.advance(32_000)
    expect(await claim(other)).toMatchObject([{ attempt: 2, failures: 1 }])
    await broker.close()
  })

  it('does not take a late confirmation for one of a retry that the store keeps', async () => {
    const confirm = Promise.withResolvers<void>()
    const { backend, other, claim, clock } = await stage({
      options: { handOff: 0 },
      store: (store) => ({ sent: (sent) => confirm.promise.then(() => store.sent(sent)) }),
    })
    await backend.enqueue([job()])
    const [held] = await claim(other)
    await other.settle([{ lease: held!.lease, to: 'waiting', delay: minute, counts: 'failure' }])
    await clock.advance(0)
    confirm.resolve()
    await clock.advance(minute + 1_000)
    expect([...(await claim(other)), ...(await claim())]).toMatchObject([{ failures: 1 }])
  })

  it('runs a job that was enqueued anew under an old id by its own payload', async () => {
    const { backend, claim } = await stage()
    const old = job({ payload: '"old"' })
    await backend.enqueue([old])
    await backend.operate.remove([old.id])
    await backend.enqueue([{ ...old, payload: '"new"', name: 'other' }])
    expect(await claim()).toMatchObject([{ payload: '"new"', name: 'other', headers: { h: '1' } }])
    expect(await claim()).toEqual([])
  })

  it('adopts what was sent without the store', async () => {
    const { backend, broker, claim, store } = await stage()
    const foreign = job({ policy: '{"p":1}' })
    await broker.enqueue([foreign])
    expect(await claim()).toMatchObject([
      { payload: foreign.payload, headers: { h: '1' }, policy: '{"p":1}', attempt: 1 },
    ])
    expect(await store.inspect.find([foreign.id])).toMatchObject([{ state: 'active' }])
    await backend.close()
  })

  it.each([1, 3])('%i jobs of a store are given back by a worker without it, which stops', async (count) => {
    const { clock, backend, broker } = await stage()
    const n = defineJob('n', { queue: 'q', input: type<string>() })
    const queue = createQueue(backend)
    await queue.enqueueMany(
      n,
      Array.from({ length: count }, () => ({ input: 'p' })),
    )
    let runs = 0
    const handlers = [handle(n, () => void runs++)]
    const misled = createWorker(broker, handlers, { runtime: { clock } })
    const told: unknown[] = []
    misled.on('error', (error) => told.push(error))
    await expect(misled.run({ signals: [] })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/queue q.*withStore/),
    })
    expect(told).toHaveLength(1)
    expect(runs).toBe(0)
    const worker = createWorker(backend, handlers, { runtime: { clock } })
    await worker.start()
    await expect.poll(() => runs).toBe(count)
    await worker.close()
    await queue.close()
  })

  it('carries payloads in the message, or in the store when asked or when the broker cannot', async () => {
    for (const [payloads, payload, carried] of [
      ['message', '"short"', '"short"'],
      ['store', '"short"', 'null'],
      ['message', JSON.stringify('x'.repeat(20 * 1024)), 'null'],
    ] as const) {
      const sent: string[] = []
      const { backend, claim, atStore } = await stage({
        options: { payloads },
        broker: (broker) => ({
          limits: { ...broker.limits, payloadBytes: 1_024 },
          enqueue: (jobs) => {
            sent.push(...jobs.map((each) => each.payload))
            return broker.enqueue(jobs)
          },
        }),
      })
      await backend.enqueue([job({ payload })])
      expect(sent).toEqual([carried])
      expect(await claim()).toMatchObject([{ payload, headers: { h: '1' } }])
      expect(atStore['begin']).toBe(1)
    }
  })

  it('refuses what the broker will never take, and leaves nothing of it', async () => {
    const refused = new BackendError('denied', 'memory-broker', 'no right to send')
    const { backend, store } = await stage({ broker: () => ({ enqueue: () => Promise.reject(refused) }) })
    const created = job()
    expect(await backend.enqueue([created])).toEqual([{ status: 'refused', error: refused }])
    expect(await store.inspect.find([created.id])).toEqual([undefined])
  })

  it('warns of what cannot be sent later, and tries it again', async () => {
    let denied = true
    const { backend, claim, clock, warnings } = await stage({
      broker: (broker) => ({
        enqueue: (jobs) =>
          denied ? Promise.reject(new BackendError('denied', 'memory-broker', 'no right')) : broker.enqueue(jobs),
      }),
      options: { handOff: 0 },
    })
    const created = job({ delay: minute })
    await backend.enqueue([created])
    await claim()
    await clock.advance(minute + 1_000)
    expect(warnings[0]).toContain(created.id)
    denied = false
    await clock.advance(minute)
    expect(await claim()).toHaveLength(1)
  })

  it('gives deliveries back that the store could not begin, and says so', async () => {
    let away = true
    const { backend, claim, clock } = await stage({
      store: (store) => ({
        begin: (jobs, lease) => (away ? Promise.reject(unavailable('none')) : store.begin(jobs, lease)),
      }),
    })
    await backend.enqueue([job()])
    await expect(claim()).rejects.toMatchObject({ code: 'unavailable', outcome: 'none' })
    away = false
    await clock.advance(1_000)
    expect(await claim()).toMatchObject([{ attempt: 1, crashes: 0 }])
  })

  it('gives back what comes as its claim is given up', async () => {
    const abort = new AbortController()
    const { backend, claim, atStore } = await stage({
      broker: (broker) => ({
        async claim(request, signal) {
          const deliveries = await broker.claim(request, signal)
          abort.abort()
          return deliveries
        },
      }),
    })
    await backend.enqueue([job()])
    expect(await backend.claim({ queue: 'q', limit: 1, lease: minute, wait: 0 }, abort.signal)).toEqual([])
    expect(atStore['begin']).toBeUndefined()
    expect(await claim()).toMatchObject([{ attempt: 1 }])
  })

  it('passes on what a store says of a write', async () => {
    const { backend, claim } = await stage({ store: () => ({ apply: () => Promise.reject(unavailable('unknown')) }) })
    await backend.enqueue([job()])
    const [held] = await claim()
    await expect(backend.settle([{ lease: held!.lease, to: 'completed', keep: 0 }])).rejects.toMatchObject({
      outcome: 'unknown',
    })
  })

  it('tells the broker that a job is sent once more, so that it is none it knows already', async () => {
    const sent: (string | undefined)[] = []
    const { backend, claim, clock } = await stage({
      options: { handOff: 0 },
      broker: (broker) => ({
        enqueue: (jobs) => {
          sent.push(...jobs.map(({ resent }) => resent))
          return broker.enqueue(jobs)
        },
      }),
    })
    await backend.enqueue([job()])
    const [held] = await claim()
    await backend.settle([{ lease: held!.lease, to: 'waiting', delay: minute, counts: 'nothing' }])
    await clock.advance(minute + 1_000)
    expect(sent).toEqual([undefined, expect.any(String)])
  })

  it('sends again what the broker has lost, when it has delivered nothing for a grace and the store says that jobs wait', async () => {
    const { clock, backend, broker, warnings, claim } = await stage()
    await backend.enqueue([job({ id: 'lost', payload: '"whole"', headers: { h: '1' }, policy: '{"p":1}' })])
    await purge(broker)
    const claimed: string[] = []
    for (let seconds = 0; claimed.length === 0 && seconds < 120; seconds += 10) {
      const waiting = claim(backend, minute, 10_000)
      await clock.advance(10_000)
      for (const { lease, payload, headers, policy } of await waiting) {
        claimed.push(lease.id)
        expect([seconds, payload, headers, policy]).toEqual([expect.any(Number), '"whole"', { h: '1' }, '{"p":1}'])
        expect(seconds).toBeGreaterThanOrEqual(30)
      }
    }
    expect(claimed).toEqual(['lost'])
    expect(warnings).toEqual(['1 jobs waited in queue q, and the broker had no message of them; they were sent again'])
  })

  it('sends nothing again while the broker delivers, or the queue is paused, or nothing has waited for so long', async () => {
    const { clock, backend, broker, atBroker, warnings, claim } = await stage()
    const listen = async (rounds: number): Promise<void> => {
      for (let round = 0; round < rounds; round++) {
        const waiting = claim(backend, minute, 10_000)
        await clock.advance(10_000)
        await backend.settle((await waiting).map(({ lease }) => ({ lease, to: 'completed', keep: 0 })))
      }
    }
    await backend.enqueue([job({ id: 'lost' })])
    await purge(broker)
    for (let round = 0; round < 6; round++) {
      await backend.enqueue([job()])
      await listen(2)
    }
    await listen(1)
    await backend.operate.pause('q')
    await listen(5)
    await backend.operate.resume('q')
    expect(warnings).toEqual([])
    expect(atBroker['enqueue']).toBe(7)
  })

  it.each([
    ['replicated', 'fsync', 'fsync'],
    ['fsync', 'replicated', 'fsync'],
    ['replicated', 'replicated', 'replicated'],
    ['async', 'none', 'none'],
  ] as const)('is as durable as the worse of both: of %s and %s, %s', async (broker, store, both) => {
    const { backend } = await stage({ broker: () => as(broker), store: () => as(store) })
    expect((await backend.health()).durability).toBe(both)
  })

  it('has the health of both', async () => {
    const { backend } = await stage({
      broker: () => ({ health: async () => ({ reachable: true, durability: 'fsync', warnings: ['a'], version: '1' }) }),
      store: () => ({ health: async () => ({ reachable: true, durability: 'async', warnings: ['b'], version: '2' }) }),
    })
    expect(await backend.health()).toEqual({
      reachable: true,
      durability: 'async',
      warnings: ['a', 'b'],
      version: '1, 2',
    })
  })

  it('opens the store first and closes it last', async () => {
    const order: string[] = []
    const { backend } = await stage({
      broker: (broker) => ({
        open: () => (order.push('open broker'), broker.open()),
        close: () => (order.push('close broker'), broker.close()),
      }),
      store: (store) => ({
        open: () => (order.push('open store'), store.open()),
        close: () => (order.push('close store'), store.close()),
      }),
    })
    await backend.close()
    expect(order).toEqual(['open store', 'open broker', 'close broker', 'close store'])
  })

  it('refuses options it does not know , brokers that need no store, and stores that are none', () => {
    const [broker, store] = [memoryBroker(), memoryStore()]
    expect(() => withStore(broker, store, { payload: 'store' } as object)).toThrow('payloads')
    expect(() => withStore(memoryBroker({ limits: { delay: 10 } }), store, { handOff: '1s' })).toThrow('handOff')
    expect(() => withStore(memoryBackend() as unknown as MemoryBroker, store)).toThrow('keeps state itself')
    expect(() => withStore(memoryBroker(), memoryBackend() as never)).toThrow(
      'store: memory is a backend of its own; give a store, such as postgresStore(…)',
    )
  })

  it('ends a claim that has told of jobs on their way, also when none of them is left', async () => {
    const { backend, broker, sent, claim } = await observed()
    await backend.enqueue([job()])
    const [held] = await claim()
    await backend.settle([{ lease: held!.lease, to: 'completed', keep: minute }])
    await broker.enqueue(sent)
    const told: number[] = []
    const onComing = (jobs: number): void => void told.push(jobs)
    expect(await backend.claim({ queue: 'q', limit: 100, lease: minute, wait: minute, onComing }, never)).toEqual([])
    expect(told).toEqual([1])
  })

  it('tells of as many jobs on their way as have come, and of no more than were asked for', async () => {
    const { backend } = await stage()
    const told: number[] = []
    const onComing = (jobs: number): void => void told.push(jobs)
    for (const limit of [100, 2]) {
      await backend.enqueue([job(), job(), job()])
      await backend.claim({ queue: 'q', limit, lease: minute, wait: minute, onComing }, never)
    }
    expect(told).toEqual([3, 2])
  })

  it('waits on for a job that may run where what has come may not, and nobody is told of it', async () => {
    const { backend, broker, sent, claim } = await observed()
    await backend.enqueue([job()])
    const [held] = await claim()
    await backend.settle([{ lease: held!.lease, to: 'completed', keep: minute }])
    await broker.enqueue(sent)
    const claiming = claim(backend, minute, minute)
    const next = job()
    await backend.enqueue([next])
    expect(await claiming).toMatchObject([{ lease: { id: next.id } }])
  })

  it('leaves the broker alone for a second where the queue is paused, unless it is resumed here or all ends', async () => {
    const { backend, clock, atBroker } = await stage()
    // Of several priorities, so that each is a message.
    await backend.enqueue([0, 1, 2, 3].map((priority) => job({ priority })))
    await backend.operate.pause('q')
    const claim = (): Promise<readonly ClaimedJob[]> =>
      backend.claim({ queue: 'q', limit: 1, lease: minute, wait: minute }, never)
    const claimed = claim()
    await clock.advance(999)
    expect(atBroker['claim']).toBe(1)
    await clock.advance(1)
    expect(atBroker['claim']).toBe(2)
    await backend.operate.resume('q')
    expect(await claimed).toHaveLength(1)
    await backend.operate.pause('q')
    const last = claim()
    await clock.advance(0)
    await backend.close()
    expect(await last).toEqual([])
  })

  it('lets a worker wait for what comes next while the store begins what has come, and for no third', async () => {
    const plain = defineJob('plain', { input: type<number>(), queue: 'q' })
    const begun: string[][] = []
    const gates: (() => void)[] = []
    const { backend, clock, atStore } = await stage({
      store: (store) => ({
        begin: async (attempts, lease) => {
          begun.push(attempts.map(({ id }) => id))
          await new Promise<void>((resolve) => gates.push(resolve))
          return store.begin(attempts, lease)
        },
      }),
    })
    const queue = createQueue(backend)
    const done: number[] = []
    const worker = createWorker(backend, [handle(plain, (input) => void done.push(input))], { runtime: { clock } })
    const idle = (): Promise<void> =>
      worker.isIdle ? Promise.resolve() : new Promise((resolve) => worker.once('idle', resolve))
    await worker.start()
    await idle()
    const enqueue = async (input: number): Promise<string> => (await queue.enqueue(plain, input)).id
    const ids = [await enqueue(1)]
    await expect.poll(() => begun).toEqual([[ids[0]]])
    ids.push(await enqueue(2))
    await expect.poll(() => begun).toEqual([[ids[0]], [ids[1]]])
    ids.push(await enqueue(3), await enqueue(4))
    expect(begun).toHaveLength(2)
    gates[1]!()
    await expect.poll(() => done).toEqual([2])
    await expect.poll(() => begun).toEqual([[ids[0]], [ids[1]], [ids[2], ids[3]]])
    let isIdle = false
    worker.once('idle', () => (isIdle = true))
    gates[2]!()
    await expect.poll(() => done).toEqual([2, 3, 4])
    await expect.poll(() => atStore['apply']).toBe(2)
    await new Promise((resolve) => setImmediate(resolve))
    expect(isIdle).toBe(false)
    gates[0]!()
    await idle()
    expect(done).toEqual([2, 3, 4, 1])
    await worker.close()
    await queue.close()
  })

  it('is a backend like any other to queues and workers', async () => {
    const double = defineJob('double', { input: type<number>(), output: type<number>(), queue: 'q' })
    const backend = withStore(memoryBroker(), memoryStore({ warn: () => {} }), { relayEvery: 10 })
    const queue = createQueue(backend)
    const { promise: repeated, resolve } = Promise.withResolvers<void>()
    const worker = createWorker(backend, [handle(double, (input) => repeated.then(() => input * 2))])
    await worker.start()
    const ticket = await queue.enqueue(double, 21, { delay: 20, unique: { key: 'k' } })
    expect((await queue.enqueue(double, 21, { unique: { key: 'k' } })).duplicate).toBe(true)
    resolve()
    expect(await ticket.result()).toBe(42)
    await worker.close()
    await queue.close()
    await backend.close()
  })
})
