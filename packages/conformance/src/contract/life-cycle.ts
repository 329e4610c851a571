import assert from 'node:assert/strict'
import { isBackendFailure, type Backend, type Features, type Limits } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import { completed } from '../stage/settlements.ts'
import { ids } from '../stage/words.ts'

const LEASE = { id: 'job', queue: 'work', token: '1:abc' }

/** Every verb that needs an open backend, where the backend has it. */
function verbs({
  enqueue,
  claim,
  settle,
  extend,
  exchange,
  report,
  inspect,
  operate,
}: Bound): Record<string, () => Promise<unknown>> {
  return {
    enqueue: () => enqueue([]),
    claim: () => claim({ queue: 'work', limit: 1, lease: 60_000, wait: 0 }, new AbortController().signal),
    settle: () => settle([completed({ lease: LEASE })]),
    extend: () => extend([LEASE], 60_000),
    ...(exchange && { exchange: () => exchange([], { queue: 'work', limit: 1, lease: 60_000 }) }),
    ...(report && { report: () => report([{ lease: LEASE, progress: '1' }]) }),
    ...(inspect && {
      'inspect.find': () => inspect.find(['job']),
      'inspect.list': () => inspect.list({ queue: 'work', state: 'waiting', limit: 1 }),
      'inspect.counts': () => inspect.counts('work'),
      'inspect.queues': () => inspect.queues(),
      'inspect.watch': () => inspect.watch(() => {}),
    }),
    ...(operate && {
      'operate.cancel': () => operate.cancel([{ id: 'job', keep: 0 }]),
      'operate.retry': () => operate.retry(['job']),
      'operate.remove': () => operate.remove(['job']),
      'operate.pause': () => operate.pause('work'),
      'operate.resume': () => operate.resume('work'),
      'operate.purge': () => operate.purge({ queue: 'work', state: 'dead', limit: 1 }),
    }),
  }
}

type Bound = Pick<Backend, 'enqueue' | 'claim' | 'settle' | 'extend' | 'exchange' | 'report' | 'inspect' | 'operate'>

function bound(backend: Backend): Bound {
  const { exchange, report, inspect, operate } = backend
  return {
    enqueue: backend.enqueue.bind(backend),
    claim: backend.claim.bind(backend),
    settle: backend.settle.bind(backend),
    extend: backend.extend.bind(backend),
    ...(exchange && { exchange: exchange.bind(backend) }),
    ...(report && { report: report.bind(backend) }),
    ...(inspect && { inspect }),
    ...(operate && { operate }),
  }
}

async function everyVerbIsRefused(backend: Backend, when: string): Promise<void> {
  for (const [name, verb] of Object.entries(verbs(bound(backend)))) {
    const outcome = await verb().then(
      () => 'an answer',
      (error: unknown) => error,
    )
    assert.ok(
      isBackendFailure(outcome),
      `${name} on a backend that ${when} must reject with a BackendError, not ${String(outcome)}`,
    )
    assert.equal(outcome.code, 'closed', `${name} on a backend that ${when}`)
    assert.equal(outcome.outcome, 'none', `${name} on a backend that ${when} was not applied, and must say so`)
  }
}

export const lifeCycle = chapter('A7', 'life cycle', [
  rule('A7.1', 'every verb of a backend that was never opened is refused as closed', async ({ unopened }) => {
    await everyVerbIsRefused(await unopened(), 'was never opened')
  }),

  rule('A7.2', 'every verb of a closed backend is refused as closed', async ({ unopened }) => {
    const backend = await unopened()
    await backend.open()
    await backend.close()
    await everyVerbIsRefused(backend, 'is closed')
  }),

  rule('A7.3', 'a refused verb changes nothing', ['two instances'], async ({ unopened, job, nothing }) => {
    await (await unopened()).enqueue([job()]).catch(() => {})
    await nothing('a backend that was not open enqueued a job')
  }),

  rule('A7.4', 'opening twice is harmless, at once and in turn', async ({ unopened, job, takeOne }) => {
    const backend = await unopened()
    await Promise.all([backend.open(), backend.open()])
    await backend.open()
    await backend.enqueue([job()])
    await takeOne({ by: backend })
  }),

  rule('A7.5', 'closing is harmless when never opened, twice, and at once', async ({ unopened }) => {
    const backend = await unopened()
    await backend.close()
    await backend.open()
    await Promise.all([backend.close(), backend.close()])
    await backend.close()
  }),

  rule('A7.6', 'a closed backend can be opened again and works', async ({ unopened, job, takeOne, features }) => {
    const backend = await unopened()
    for (let round = 0; round < 3; round++) {
      await backend.open()
      const { id } = job()
      await backend.enqueue([job({ id })])
      const held = await takeOne({ by: backend })
      assert.equal(held.lease.id, id)
      const [answer] = await backend.settle([completed(held)])
      assert.ok(answer === 'applied' || (answer === 'unknown' && !features.state), `answered ${String(answer)}`)
      await backend.close()
    }
  }),

  rule(
    'A7.7',
    'opening and closing in a hurry ends in the state of the last call',
    async ({ unopened, job, takeOne }) => {
      const backend = await unopened()
      await Promise.all([backend.open(), backend.close(), backend.open(), backend.close(), backend.open()])
      await backend.enqueue([job()])
      await takeOne({ by: backend })
      await Promise.all([backend.close(), backend.open(), backend.close()])
      await everyVerbIsRefused(backend, 'is closed')
    },
  ),

  rule('A7.8', 'closing ends waiting claims with no jobs', async ({ unopened, claim, time }) => {
    const backend = await unopened()
    await backend.open()
    const waiting = [1, 2, 3].map(() => claim({ by: backend, wait: 1_000 * time.unit }))
    await time.pass(time.unit / 5)
    await time.until(backend.close(), 'closing while claims wait')
    assert.deepEqual(await time.until(Promise.all(waiting), 'the end of waiting claims'), [[], [], []])
  }),

  rule(
    'A7.9',
    'a claim that closing ended leaves no job leased',
    ['two instances'],
    async ({ unopened, claim, given, takeOne, time }) => {
      const backend = await unopened()
      await backend.open()
      const waiting = claim({ by: backend, wait: 1_000 * time.unit })
      await time.pass(time.unit / 5)
      await backend.close()
      await waiting
      const { id } = await given()
      const held = await takeOne()
      assert.deepEqual([held.lease.id, held.attempt], [id, 1])
    },
  ),

  rule(
    'A7.10',
    'calls that are running when it closes end, and are answered or refused',
    ['two instances'],
    async ({ unopened, jobs, take, time, nothing }) => {
      const backend = await unopened()
      await backend.open()
      const batches = Array.from({ length: 10 }, () => jobs(5))
      const calls = Promise.allSettled(batches.map((batch) => backend.enqueue(batch)))
      await time.until(backend.close(), 'closing while calls run')
      const outcomes = await time.until(calls, 'the end of running calls')
      const accepted = batches.filter((_, index) => outcomes[index]!.status === 'fulfilled').flat()
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') assert.ok(isBackendFailure(outcome.reason), String(outcome.reason))
      const stored = new Set(ids(await take(accepted.length)))
      assert.ok(
        accepted.every(({ id }) => stored.has(id)),
        'a job that was accepted while the backend closed is lost',
      )
      if (accepted.length === 50) await nothing('there are more jobs than were accepted')
    },
  ),

  rule(
    'A7.11',
    'closing one instance leaves another alone',
    ['two instances'],
    async ({ another, given, takeOne, settle }) => {
      const other = await another()
      await other.close()
      await given()
      await settle(completed(await takeOne()))
    },
  ),

  rule('A7.12', 'health answers in every state, and does not reject', async ({ unopened, time }) => {
    const backend = await unopened()
    const ask = async (): Promise<boolean> =>
      (await time.until(backend.health(), 'health', Math.max(10_000, 20 * time.unit))).reachable
    assert.equal(typeof (await ask()), 'boolean')
    await backend.open()
    assert.equal(await ask(), true, 'an open backend is reachable')
    await backend.close()
    assert.equal(typeof (await ask()), 'boolean')
  }),

  rule('A7.13', 'health tells how durable an accepted job is, and warns in sentences', async ({ backend }) => {
    const { durability, warnings, version } = await backend.health()
    assert.ok(['fsync', 'replicated', 'async', 'none'].includes(durability), `durability ${durability}`)
    for (const warning of warnings) assert.match(warning, /^\S.{10,}[.!]$/s, 'a warning must be a sentence')
    assert.ok(version === undefined || typeof version === 'string')
  }),

  rule('A7.14', 'features and limits are there before opening and never change', async ({ unopened }) => {
    const backend = await unopened()
    const [features, limits] = [structuredClone(backend.features), structuredClone(backend.limits)]
    await backend.open()
    assert.deepEqual([backend.features, backend.limits], [features, limits])
    await backend.close()
    assert.deepEqual([backend.features, backend.limits], [features, limits])
    assert.match(backend.name, /^[a-z][a-z0-9+-]{0,39}$/, 'the name must be short and stable')
  }),

  rule('A7.15', 'every feature is declared, as a boolean, and they fit together', async ({ features }) => {
    const all: Record<keyof Features, true> = {
      state: true,
      results: true,
      delay: true,
      priority: true,
      unique: true,
      group: true,
      fifo: true,
      atomicFollowUps: true,
      transactions: true,
    }
    for (const feature of Object.keys(all) as (keyof Features)[])
      assert.equal(typeof features[feature], 'boolean', `feature ${feature}`)
    assert.ok(!features.results || features.state, 'results need state')
    assert.deepEqual(
      Object.keys(features).toSorted(),
      Object.keys(all).toSorted(),
      'there are features that the contract does not know',
    )
  }),

  rule('A7.16', 'limits are numbers that fit the features', async ({ features, limits }) => {
    const whole: readonly (keyof Limits)[] = ['enqueueBatch', 'claimBatch', 'settleBatch', 'priorities']
    for (const limit of whole)
      assert.ok(Number.isInteger(limits[limit]) && limits[limit] >= 1, `${limit} is ${limits[limit]}`)
    for (const limit of ['payloadBytes', 'retryDelay', 'lease', 'tick'] as const)
      assert.ok(limits[limit] > 0, `${limit} is ${limits[limit]}`)
    assert.equal(limits.delay > 0, features.delay, 'limits.delay is 0 exactly when there is no feature delay')
    assert.equal(
      limits.priorities > 1,
      features.priority,
      'limits.priorities is 1 exactly when there is no feature priority',
    )
    assert.ok(limits.lease >= limits.tick && Number.isFinite(limits.tick))
  }),

  rule(
    'A7.17',
    'inspector, operator and reports are there exactly when there is state, transactions likewise',
    async ({ backend, features }) => {
      const full: Partial<Record<string, unknown>> = {
        ...bound(backend as Backend),
        within: (backend as Backend).within,
      }
      for (const member of ['inspect', 'operate', 'report'])
        assert.equal(full[member] !== undefined, features.state, member)
      assert.equal(full['within'] !== undefined, features.transactions, 'within')
    },
  ),

  rule('A7.18', 'opening and closing leaves no listener on the process and no socket open', async ({ unopened }) => {
    const before = traces()
    for (let round = 0; round < 3; round++) {
      const backend = await unopened()
      await backend.open()
      await backend.close()
    }
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(traces(), before)
  }),

  rule(
    'A7.19',
    'abandoned claims and refused verbs cause no unhandled rejection',
    async ({ unopened, claim, time }) => {
      const unhandled: unknown[] = []
      const note = (reason: unknown): void => void unhandled.push(reason)
      process.on('unhandledRejection', note)
      try {
        const backend = await unopened()
        await backend.open()
        const abort = new AbortController()
        const waiting = claim({ by: backend, wait: 1_000 * time.unit, signal: abort.signal })
        const closed = backend.close()
        abort.abort()
        await closed
        await waiting
        await backend.enqueue([]).catch(() => {})
        await new Promise((resolve) => setImmediate(resolve))
        await time.pass(time.unit / 5)
      } finally {
        process.off('unhandledRejection', note)
      }
      assert.deepEqual(unhandled, [])
    },
  ),
])

/** What an open backend could forget to take away: listeners on the process, sockets. */
function traces(): object {
  const listeners = ['exit', 'beforeExit', 'SIGTERM', 'SIGINT', 'uncaughtException', 'unhandledRejection'].map(
    (event) => process.listenerCount(event),
  )
  const sockets = process.getActiveResourcesInfo().filter((resource) => /TCP|TLS|UDP|Watcher|FSEvent/.test(resource))
  return { listeners, sockets: sockets.length }
}
