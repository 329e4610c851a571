import { faultProxy } from '@jobport/fault-proxy'
import { isBackendFailure, type Lease, type NewJob } from '@jobport/core/adapter'
import pg from 'pg'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { startRestartable } from '../../../scripts/services/restartable.ts'
import { postgresBackend, type PostgresBackend, type PostgresOptions } from '../src/index.ts'
import { dropSchema, serverUrl, withClient } from './harness.ts'

const SCHEMA = 'faults'
const lease = 60_000
const never = new AbortController().signal

let ids = 0
const undo: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
  await dropSchema(SCHEMA)
})

async function opened(options: Partial<PostgresOptions> = {}): Promise<PostgresBackend> {
  const backend = postgresBackend({
    ...(options.pool === undefined ? { url: serverUrl(), connection: { application_name: SCHEMA } } : {}),
    schema: SCHEMA,
    ...options,
  } as PostgresOptions)
  undo.push(() => backend.close())
  await backend.open()
  return backend
}

function jobOf(more: Partial<NewJob> = {}): NewJob {
  return { id: `job-${ids++}`, queue: 'q', name: 'n', payload: '1', headers: {}, ...more }
}

function claim(backend: PostgresBackend, limit = 1, wait = 0): ReturnType<PostgresBackend['claim']> {
  return backend.claim({ queue: 'q', limit, lease, wait }, never)
}

/** Repeats what may fail for a while, as core does. */
async function persist<T>(call: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await call()
    } catch (error) {
      if (failures > 200 || !isBackendFailure(error) || !error.retryable) throw error
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
}

/** The server as a role sees it that has a setting of its own. */
async function roleWith(setting: string, value: string): Promise<string> {
  await withClient((client) =>
    client.query(`create role peculiar login superuser; alter role peculiar set ${setting} = '${value}'`),
  )
  undo.push(() => withClient((client) => client.query('reassign owned by peculiar to postgres; drop role peculiar')))
  const url = new URL(serverUrl())
  url.username = 'peculiar'
  return url.href
}

async function terminateAll(): Promise<void> {
  await withClient((client) =>
    client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'faults' and pid <> pg_backend_pid()",
    ),
  )
}

describe('connections', () => {
  it('that are terminated are made again, also while a claim waits, and nobody dies of it', async () => {
    const backend = await opened()
    // A waiting claim whose own call was cut rejects, and may be made again.
    const waiting = claim(backend, 1, 30_000).catch(() => persist(() => claim(backend, 1, 10_000)))
    for (let round = 0; round < 3; round++) {
      await terminateAll()
      await persist(() => backend.enqueue([jobOf({ queue: 'other' })]))
    }
    const job = jobOf()
    await persist(() => backend.enqueue([job]))
    expect((await waiting).map((each) => each.lease.id)).toEqual([job.id])
  })

  it('of the listener come back: a ring is heard afterwards', async () => {
    const [worker, producer] = [await opened({ pollInterval: '20s' }), await opened()]
    await withClient(async (client) => {
      const waiting = claim(worker, 1, 19_000)
      const listener =
        "select pid from pg_stat_activity where query like '%listen_for%' and application_name = 'faults'"
      let pid: number | undefined
      while (pid === undefined) pid = (await client.query(listener)).rows[0]?.pid
      await client.query('select pg_terminate_backend($1)', [pid])
      while ((await client.query(`${listener} and pid <> ${pid}`)).rowCount === 0);
      const start = performance.now()
      const job = jobOf()
      await persist(() => producer.enqueue([job]))
      expect((await waiting).map((each) => each.lease.id)).toEqual([job.id])
      expect(performance.now() - start).toBeLessThan(15_000)
    })
  })

  it('lose replies: a repeated enqueue makes no second job, a repeated settlement is applied', async () => {
    const { hostname, port } = new URL(serverUrl())
    const proxy = await faultProxy({ host: hostname, port: Number(port) })
    const backend = await opened({ url: proxy.through(serverUrl()), connections: 1 })
    undo.push(() => proxy.heal())
    await backend.enqueue([jobOf({ queue: 'warm' })])

    const job = jobOf()
    await proxy.inject({ kind: 'lose-reply', times: 1, matching: (request) => request.includes('faults.enqueue') })
    await expect(backend.enqueue([job])).rejects.toMatchObject({ code: 'unavailable', outcome: 'unknown' })
    expect(proxy.counts.lost).toBe(1)
    expect(await persist(() => backend.enqueue([job]))).toEqual([{ status: 'duplicate', of: job.id }])

    const [held, ...more] = await claim(backend, 10)
    expect(more).toEqual([])
    const settlement = { lease: held!.lease, to: 'completed', keep: lease, then: [jobOf({ queue: 'next' })] } as const
    await backend.inspect.counts('q')
    await proxy.inject({ kind: 'lose-reply', times: 1, matching: (request) => request.includes('faults.settle') })
    await expect(backend.settle([settlement])).rejects.toMatchObject({ code: 'unavailable', outcome: 'unknown' })
    expect(await persist(() => backend.settle([settlement]))).toEqual(['applied'])
    expect(await backend.inspect.counts('next')).toMatchObject({ waiting: 1 })
  })

  it('that fall silent are given up after the time for a call', async () => {
    const { hostname, port } = new URL(serverUrl())
    const proxy = await faultProxy({ host: hostname, port: Number(port) })
    const backend = await opened({ url: proxy.through(serverUrl()), callTimeout: 2_000 })
    undo.push(() => proxy.close())
    await backend.enqueue([jobOf()])
    await proxy.inject({ kind: 'black-hole' })
    await expect(backend.enqueue([jobOf()])).rejects.toMatchObject({ code: 'unavailable', outcome: 'unknown' })
    await proxy.heal()
    const job = jobOf()
    expect(await persist(() => backend.enqueue([job]))).toMatchObject([{}])
  })

  it('that fall silent are made again for heartbeats too, and those that were asked for meanwhile go by the new one', async () => {
    const { hostname, port } = new URL(serverUrl())
    const proxy = await faultProxy({ host: hostname, port: Number(port) })
    undo.push(() => proxy.close())
    const backend = await opened({ url: proxy.through(serverUrl()), callTimeout: 2_000 })
    await backend.enqueue([jobOf(), jobOf()])
    const [one, other] = (await claim(backend, 2)).map((held) => held.lease)
    expect(await backend.extend([one!], lease)).toEqual(['applied'])
    await proxy.inject({ kind: 'black-hole', times: 1, matching: (request) => request.includes('faults.extend') })
    const silent = backend.extend([one!], lease).catch((error: unknown) => error)
    expect(await backend.extend([other!], lease)).toEqual(['applied'])
    expect(await silent).toMatchObject({ code: 'unavailable' })
    expect(await backend.extend([one!], lease)).toEqual(['applied'])
  })

  it('for new jobs that are lost may lead to another server afterwards: what is known of names is asked for again', async () => {
    const backend = await opened()
    await backend.enqueue([jobOf()])
    await withClient(async (client) => {
      // As after a restore: the number stands for another queue.
      await client.query(`update ${SCHEMA}.queues set name = 'another'`)
      const lost = await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'faults' and query like '%enqueue_jobs($1::uuid%'`,
      )
      expect(lost.rowCount).toBe(1)
    })
    const job = jobOf()
    await persist(() => backend.enqueue([job]))
    expect((await claim(backend)).map((held) => held.lease.id)).toEqual([job.id])
  })

  it('of a pool that the application has used up do not stop heartbeats', async () => {
    const pool = new pg.Pool({ connectionString: serverUrl(), max: 1, connectionTimeoutMillis: 2_000 })
    undo.push(() => pool.end())
    const backend = await opened({ pool })
    const job = jobOf()
    await backend.enqueue([job])
    const [held] = await claim(backend)
    const taken = await pool.connect()
    try {
      await expect(backend.enqueue([jobOf()])).rejects.toMatchObject({ code: 'unavailable', retryable: true })
      expect(await backend.extend([held!.lease], lease)).toEqual(['applied'])
      expect(await backend.report([{ lease: held!.lease, progress: '1' }])).toEqual(['applied'])
      expect(await backend.health()).toMatchObject({ reachable: true })
    } finally {
      taken.release()
    }
    expect(await backend.enqueue([jobOf()])).toEqual([{ status: 'enqueued' }])
  })

  it('that are refused, because there are too many, are a failure that passes, when it opens and later', async () => {
    await withClient((client) => client.query('create role narrow login; grant create on database postgres to narrow'))
    undo.push(async () => {
      await dropSchema(SCHEMA)
      await withClient((client) => client.query('drop owned by narrow; drop role narrow'))
    })
    const url = new URL(serverUrl())
    url.username = 'narrow'
    const backend = await opened({ url: url.href, connections: 1 })
    await backend.enqueue([jobOf()])
    const [held] = await claim(backend)
    const refused = { code: 'unavailable', outcome: 'none', retryable: true }
    await withClient((client) => client.query('alter role narrow connection limit 0'))
    await terminateAll()
    await expect(postgresBackend({ url: url.href, schema: SCHEMA }).open()).rejects.toMatchObject(refused)
    // The first calls may still find the connections that were ended.
    await vi.waitFor(() => expect(backend.enqueue([jobOf()])).rejects.toMatchObject(refused), 20_000)
    await vi.waitFor(() => expect(backend.extend([held!.lease], lease)).rejects.toMatchObject(refused), 20_000)
    expect(await backend.health()).toMatchObject({ reachable: false })
    await withClient((client) => client.query('alter role narrow connection limit -1'))
    expect(await persist(() => backend.enqueue([jobOf()]))).toEqual([{ status: 'enqueued' }])
    expect(await persist(() => backend.extend([held!.lease], lease))).toEqual(['applied'])
  })
})

describe('a server', () => {
  it(
    'that crashes and comes back has what it accepted, and the claim that waited goes on',
    { timeout: 180_000 },
    async () => {
      const server = await startRestartable('postgres')
      undo.push(() => server.stop())
      const backend = postgresBackend({ url: server.url, connections: 2 })
      undo.push(() => backend.close())
      await backend.open()
      const [kept, held] = [jobOf(), jobOf()]
      await backend.enqueue([held])
      const [before] = await claim(backend)
      await backend.enqueue([kept])
      await server.kill()
      await expect(backend.enqueue([jobOf()])).rejects.toMatchObject({ code: 'unavailable' })
      expect(await backend.health()).toMatchObject({ reachable: false })
      await server.start()
      expect(await persist(() => backend.enqueue([kept]))).toEqual([{ status: 'duplicate', of: kept.id }])
      expect(await persist(() => backend.settle([{ lease: before!.lease, to: 'completed', keep: lease }]))).toEqual([
        'applied',
      ])
      expect((await persist(() => claim(backend, 5))).map((each) => each.lease.id)).toEqual([kept.id])
      expect(await backend.health()).toMatchObject({ reachable: true, durability: 'fsync' })
    },
  )

  it('that is read-only is told so, and taken up again when it is not', async () => {
    const url = await roleWith('default_transaction_read_only', 'on')
    await opened()
    const backend = await opened({ url })
    await expect(backend.enqueue([jobOf()])).rejects.toMatchObject({
      code: 'unavailable',
      outcome: 'none',
      retryable: true,
    })
    expect((await backend.health()).warnings.join()).toContain('read-only')
    await withClient((client) => client.query('alter role peculiar reset default_transaction_read_only'))
    await terminateAll()
    expect(await persist(() => backend.enqueue([jobOf()]))).toEqual([{ status: 'enqueued' }])
  })

  it('with serializable transactions by default does the same', async () => {
    const url = await roleWith('default_transaction_isolation', 'serializable')
    const pool = new pg.Pool({ connectionString: url, max: 4 })
    const backend = await opened({ pool })
    undo.splice(-1, 0, () => pool.end())
    await Promise.all(Array.from({ length: 10 }, () => persist(() => backend.enqueue([jobOf(), jobOf()]))))
    const taken = (await Promise.all(Array.from({ length: 4 }, () => persist(() => claim(backend, 5))))).flat()
    expect(new Set(taken.map((each) => each.lease.id)).size).toBe(taken.length)
    const rest = await persist(() => claim(backend, 100))
    expect(taken.length + rest.length).toBe(20)
    expect((await backend.health()).warnings.join()).toContain('default_transaction_isolation')
  })

  it('that has a long transaction open goes on working', async () => {
    const backend = await opened()
    await withClient(async (client) => {
      await client.query('begin isolation level repeatable read')
      await client.query('select pg_current_xact_id()')
      for (let round = 0; round < 20; round++) {
        await backend.enqueue([jobOf(), jobOf()])
        const taken = await claim(backend, 2)
        expect(taken).toHaveLength(2)
        await backend.settle(taken.map((each) => ({ lease: each.lease, to: 'completed', keep: 0 })))
      }
      await client.query('rollback')
    })
    expect(await backend.health()).toMatchObject({ reachable: true, warnings: [] })
  })

  it('where another transaction waits for what a call holds, and the other way round, repeats it', async () => {
    // The server looks for a deadlock once, so long after a wait has begun; by then the other one waits too.
    const options = '-c deadlock_timeout=5s'
    const backend = await opened({ connection: { application_name: SCHEMA, options } })
    const keyed = (key: string): NewJob => jobOf({ unique: { key } })
    await backend.enqueue([jobOf({ queue: 'warm' })])
    await withClient(async (client) => {
      await client.query('begin')
      // It is the call that finds it, and gives way.
      await client.query("set local deadlock_timeout = '1min'")
      await backend.within(client).enqueue([keyed('a')])
      const call = backend.enqueue([keyed('b'), keyed('a')])
      await untilWaiting()
      expect(await backend.within(client).enqueue([keyed('b')])).toEqual([{ status: 'enqueued' }])
      await client.query('commit')
      expect((await call).map(({ status }) => status)).toEqual(['duplicate', 'duplicate'])
    })
  })

  it.each(['statement_timeout', 'lock_timeout'])(
    'whose %s ends a call that waits for somebody has not applied it, and takes it later',
    async (setting) => {
      const url = await roleWith(setting, '200ms')
      const backend = await opened({ url })
      await withClient(async (client) => {
        await client.query('begin')
        await backend.within(client).enqueue([jobOf({ unique: { key: 'held' } })])
        await expect(backend.enqueue([jobOf({ unique: { key: 'held' } })])).rejects.toMatchObject({
          code: 'unavailable',
          outcome: 'none',
          message: expect.stringMatching(/statement_timeout|long transactions/),
        })
        await client.query('rollback')
      })
      expect(await backend.enqueue([jobOf({ unique: { key: 'held' } })])).toEqual([{ status: 'enqueued' }])
    },
  )

  it('whose disk is full takes no job, and work goes on', async () => {
    const backend = await opened()
    await backend.enqueue([jobOf(), jobOf()])
    const [held] = await claim(backend)
    await withClient((client) =>
      client.query(`create function ${SCHEMA}.no_space() returns trigger language plpgsql as $$
        begin raise exception 'could not extend file' using errcode = '53100'; end $$;
        create trigger no_space before insert on ${SCHEMA}.jobs execute function ${SCHEMA}.no_space()`),
    )
    await expect(backend.enqueue([jobOf()])).rejects.toMatchObject({ code: 'full', outcome: 'none', retryable: true })
    expect(await backend.extend([held!.lease], lease)).toEqual(['applied'])
    expect(await backend.settle([{ lease: held!.lease, to: 'completed', keep: lease }])).toEqual(['applied'])
    expect(await claim(backend)).toHaveLength(1)
    await withClient((client) => client.query(`drop trigger no_space on ${SCHEMA}.jobs`))
    expect(await backend.enqueue([jobOf()])).toEqual([{ status: 'enqueued' }])
  })

  it('that was restored and hands numbers out again does not confuse the claims', async () => {
    const backend = await opened()
    await backend.enqueue([jobOf(), jobOf()])
    const [old] = await claim(backend)
    await withClient((client) =>
      client.query(`delete from ${SCHEMA}.leases; select setval('${SCHEMA}.claims', last_value, false) from ${SCHEMA}.claims;
        insert into ${SCHEMA}.ready (queue, rank, line, first, next, last) select queue, 0, 0, 1, 1, 1 from ${SCHEMA}.ready`),
    )
    const [held] = await claim(backend)
    expect(held!.lease.id).toBe(old!.lease.id)
    expect(await backend.settle([{ lease: old!.lease, to: 'completed', keep: lease }])).toEqual(['lost'])
    expect(await backend.extend([old!.lease], lease)).toEqual(['lost'])
    expect(await backend.settle([{ lease: held!.lease, to: 'completed', keep: lease }])).toEqual(['applied'])
  })
})

/** Resolves when a call of the backend waits for a lock. */
async function untilWaiting(): Promise<void> {
  await withClient(async (client) => {
    const waiting = "select from pg_stat_activity where application_name = 'faults' and wait_event_type = 'Lock'"
    while ((await client.query(waiting)).rowCount === 0);
  })
}

/** How many there are. */
async function connections(): Promise<unknown> {
  const answer = await withClient((client) =>
    client.query("select from pg_stat_activity where application_name = 'faults'"),
  )
  return answer.rowCount
}

describe('an open backend', () => {
  it('lets enqueues come to their end when it is closed, those among them that wait until others are stored', async () => {
    const backend = await opened()
    const keyed = (): NewJob => jobOf({ unique: { key: 'held' } })
    await backend.enqueue([jobOf()])
    let stored: Promise<unknown> | undefined
    let closed: Promise<void> | undefined
    await withClient(async (client) => {
      await client.query('begin')
      await backend.within(client).enqueue([keyed()])
      stored = Promise.all([keyed(), jobOf(), jobOf(), jobOf()].map((job) => backend.enqueue([job])))
      await untilWaiting()
      closed = backend.close()
      await client.query('commit')
    })
    expect(await stored).toMatchObject([{ status: 'duplicate' }, {}, {}, {}].map((each) => [each]))
    await closed
  })

  it('lets heartbeats come to their end when it is closed', async () => {
    const backend = await opened()
    await backend.enqueue([jobOf()])
    const [held] = await claim(backend)
    let extended: Promise<unknown> | undefined
    let closed: Promise<unknown> | undefined
    await withClient(async (client) => {
      await client.query(`begin; lock table ${SCHEMA}.leases in access exclusive mode`)
      extended = backend.extend([held!.lease], lease)
      await untilWaiting()
      closed = backend.close()
      // All but the one on which it waits.
      await expect.poll(connections).toBe(1)
      await client.query('commit')
    })
    expect(await extended).toEqual(['applied'])
    await closed
  })

  it.each([
    ['heartbeats', (backend, held) => backend.extend([held], lease)],
    ['reports', (backend, held) => backend.report([{ lease: held, progress: '1' }])],
    ['outcomes', (backend, held) => backend.settle([{ lease: held, to: 'completed', keep: 0 }])],
  ] satisfies [string, (backend: PostgresBackend, held: Lease) => Promise<unknown>][])(
    'on the pool of the application lets %s come to their end when it is closed, also those that have to ask for something first',
    async (_, call) => {
      const producer = await opened()
      await producer.enqueue([jobOf()])
      const [held] = await claim(producer)
      const pool = new pg.Pool({ connectionString: serverUrl(), application_name: SCHEMA })
      undo.push(() => pool.end())
      const backend = await opened({ pool })
      const order: unknown[] = []
      let called: Promise<unknown> | undefined
      let closed: Promise<unknown> | undefined
      await withClient(async (client) => {
        await client.query(`begin; lock table ${SCHEMA}.queues in access exclusive mode`)
        called = call(backend, held!.lease).then((answers) => order.push(answers))
        await untilWaiting()
        closed = backend.close().then(() => order.push('closed'))
        await client.query('commit')
      })
      await Promise.all([called, closed])
      expect(order).toEqual([['applied'], 'closed'])
    },
  )

  it('does not end the process when an idle connection of a given pool is lost', async () => {
    const pool = new pg.Pool({ connectionString: serverUrl(), max: 2, application_name: SCHEMA })
    undo.push(() => pool.end())
    const backend = await opened({ pool })
    let lost = 0
    pool.on('error', () => lost++)
    // One that is at work when it is lost tells its call instead, so that may take more than one try.
    await vi.waitFor(async () => {
      await persist(() => backend.enqueue([jobOf()]))
      await terminateAll()
      expect(lost).toBeGreaterThan(0)
    }, 50_000)
    expect(await persist(() => backend.enqueue([jobOf()]))).toEqual([{ status: 'enqueued' }])
  })
})
