import type { NewJob } from '@jobport/core/adapter'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresBackend, type PostgresBackend, type TransactionHandle } from '../src/index.ts'
import { dropSchema, serverUrl } from './harness.ts'

const SCHEMA = 'within'
const CHANGED_MIND = new Error('the caller rolls back')

let backend: PostgresBackend
let pool: pg.Pool
let ids = 0

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: serverUrl(), max: 2 })
  // Who waits for jobs hears of them, or waits in vain.
  backend = postgresBackend({ url: serverUrl(), schema: SCHEMA, pollInterval: '1h' })
  await backend.open()
  await pool.query('create table within.effects (id text)')
})

afterAll(async () => {
  await backend.close()
  await pool.end()
  await dropSchema(SCHEMA)
})

/** Runs in a transaction with an effect of the caller's: commits, or rolls back when `body` rejects. */
type Transact = (
  body: (tx: TransactionHandle, effect: (id: string) => Promise<unknown>) => Promise<void>,
) => Promise<unknown>

const insert = 'insert into within.effects (id) values ($1)'

const handles: Readonly<Record<string, () => Transact>> = {
  'a client of pg': () => async (body) => {
    const client = await pool.connect()
    try {
      await client.query('begin')
      await body(client, (id) => client.query(insert, [id]))
      await client.query('commit')
    } catch (error) {
      await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  },
  Drizzle: () => (body) =>
    drizzle(pool).transaction((tx) =>
      body(tx, (id) => tx.execute(sql`insert into within.effects (id) values (${id})`)),
    ),
  Kysely: () => {
    const database = new Kysely<{ 'within.effects': { id: string } }>({ dialect: new PostgresDialect({ pool }) })
    return (body) =>
      database.transaction().execute((tx) => body(tx, (id) => tx.insertInto('within.effects').values({ id }).execute()))
  },
  'anything with query(text, values) that answers rows': () => async (body) => {
    const client = await pool.connect()
    const query = async (text: string, values: unknown[]): Promise<unknown[]> => (await client.query(text, values)).rows
    try {
      await client.query('begin')
      await body({ query }, (id) => query(insert, [id]))
      await client.query('commit')
    } catch (error) {
      await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  },
  'what Prisma has': () => async (body) => {
    const client = await pool.connect()
    const $queryRawUnsafe = async (text: string, ...values: unknown[]): Promise<unknown[]> =>
      (await client.query(text, values)).rows
    try {
      await client.query('begin')
      await body({ $queryRawUnsafe }, (id) => $queryRawUnsafe(insert, id))
      await client.query('commit')
    } catch (error) {
      await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  },
}

function jobOf(more: Partial<NewJob> = {}): NewJob {
  return {
    id: `job-${ids++}`,
    queue: 'q',
    name: 'n',
    payload: '{"text":"it\'s \\"é\\" {,}"}',
    headers: { a: 'b' },
    ...more,
  }
}

async function effects(id: string): Promise<number> {
  return (await pool.query('select 1 from within.effects where id = $1', [id])).rowCount!
}

async function claimed(queue: string): ReturnType<PostgresBackend['claim']> {
  return backend.claim({ queue, limit: 10, lease: 60_000, wait: 0 }, new AbortController().signal)
}

describe.each(Object.keys(handles))('within a transaction of %s', (name) => {
  const transact: Transact = (body) => handles[name]!()(body)

  it('jobs come with the effect of the caller when it commits', async () => {
    const job = jobOf({ queue: `commit-${ids}`, delay: 0, priority: 3, unique: { key: `k${ids}` }, group: 'g' })
    await transact(async (tx, effect) => {
      await effect(job.id)
      expect(await backend.within(tx).enqueue([job, job])).toEqual([
        { status: 'enqueued' },
        { status: 'duplicate', of: job.id },
      ])
      expect(await backend.inspect.find([job.id])).toEqual([undefined])
    })
    expect(await effects(job.id)).toBe(1)
    const [taken] = await claimed(job.queue)
    expect(taken).toMatchObject({ payload: job.payload, headers: job.headers, priority: 3, group: 'g' })
  })

  it('jobs that were enqueued outside are known, and the other way round', async () => {
    const [outside, inside] = [jobOf({ queue: 'known' }), jobOf({ queue: 'known' })]
    expect(await backend.enqueue([outside])).toEqual([{ status: 'enqueued' }])
    await transact(async (tx) => {
      expect(await backend.within(tx).enqueue([outside, inside])).toEqual([
        { status: 'duplicate', of: outside.id },
        { status: 'enqueued' },
      ])
    })
    expect(await backend.enqueue([inside])).toEqual([{ status: 'duplicate', of: inside.id }])
  })

  it('neither is there when it rolls back', async () => {
    const job = jobOf({ queue: `rollback-${ids}` })
    const rolled = transact(async (tx, effect) => {
      await effect(job.id)
      await backend.within(tx).enqueue([job])
      throw CHANGED_MIND
    })
    await expect(rolled).rejects.toThrow(CHANGED_MIND.message)
    expect(await effects(job.id)).toBe(0)
    expect(await claimed(job.queue)).toEqual([])
  })

  it('a job is completed with its effect and its follow-up, and only with them', async () => {
    const job = jobOf({ queue: `settle-${ids}` })
    const follower = jobOf({ queue: `then-${ids}` })
    await backend.enqueue([job])
    const [held] = await claimed(job.queue)
    const complete = { lease: held!.lease, to: 'completed', keep: 60_000, result: '"é"', then: [follower] } as const
    const rolled = transact(async (tx, effect) => {
      await effect(job.id)
      await backend.within(tx).settle([complete])
      throw CHANGED_MIND
    })
    await expect(rolled).rejects.toThrow(CHANGED_MIND.message)
    expect(await backend.inspect.find([job.id])).toMatchObject([{ state: 'active' }])
    await transact(async (tx, effect) => {
      await effect(job.id)
      expect(await backend.within(tx).settle([complete])).toEqual(['applied'])
    })
    expect(await backend.inspect.find([job.id, follower.id])).toMatchObject([
      { state: 'completed', result: '"é"' },
      { state: 'waiting' },
    ])
    expect(await effects(job.id)).toBe(1)
  })
})

describe('within', () => {
  it.each([
    ['enqueued', (tx: TransactionHandle, job: NewJob) => backend.within(tx).enqueue([job])],
    [
      'that follows',
      async (tx: TransactionHandle, job: NewJob) => {
        await backend.enqueue([jobOf({ queue: 'before' })])
        const [held] = await claimed('before')
        return backend.within(tx).settle([{ lease: held!.lease, to: 'completed', keep: 0, then: [job] }])
      },
    ],
  ])('wakes a claim that waits for a job %s when the transaction commits', async (how, write) => {
    const queue = `later-${how}`.replace(' ', '-')
    const claimLater = (): ReturnType<PostgresBackend['claim']> =>
      backend.claim({ queue, limit: 1, lease: 60_000, wait: 20_000 }, new AbortController().signal)
    const first = claimLater()
    await listening(queue)
    await backend.enqueue([jobOf({ queue })])
    await first
    const job = jobOf({ queue })
    let second: ReturnType<typeof claimLater> | undefined
    await handles['a client of pg']!()(async (tx) => {
      await write(tx, job)
      await backend.within(tx).enqueue([jobOf({ queue: 'elsewhere' })])
      second = claimLater()
      // By then it has looked in vain, and nothing rings any more.
      await (tx as pg.PoolClient).query('select pg_sleep(0.5)')
    })
    expect(await second).toMatchObject([{ lease: { id: job.id } }])
  })

  it('does not hold up heartbeats while the transaction is open, which are not told that its own lease was extended', async () => {
    await backend.enqueue([jobOf({ queue: 'beating' }), jobOf({ queue: 'beating' })])
    const leases = (await claimed('beating')).map(({ lease }) => lease)
    await handles['a client of pg']!()(async (tx) => {
      await backend.within(tx).settle([{ lease: leases[0]!, to: 'completed', keep: 0 }])
      expect(await backend.extend(leases, 60_000)).toEqual(['unknown', 'applied'])
    })
    expect(await backend.extend(leases, 60_000)).toEqual(['lost', 'applied'])
  })

  it('tells those who watch once of each, in whatever order transactions commit', async () => {
    const jobs = [jobOf({ queue: 'seen' }), jobOf({ queue: 'seen' }), jobOf({ queue: 'seen' })]
    await backend.enqueue(jobs)
    const [first, second, third] = (await claimed('seen')).map(
      ({ lease }) => ({ lease, to: 'completed', keep: 60_000 }) as const,
    )
    const told: string[] = []
    let tellOne: (() => void) | undefined
    const end = await backend.inspect.watch((finished) => {
      told.push(...finished.map(({ id }) => id))
      tellOne?.()
    })
    const untilTold = async (count: number): Promise<void> => {
      while (told.length < count) await new Promise<void>((resolve) => (tellOne = resolve))
    }
    await handles['a client of pg']!()(async (tx) => {
      await backend.within(tx).settle([first!])
      await backend.settle([second!])
      await untilTold(1)
    })
    await untilTold(2)
    await backend.settle([third!])
    await untilTold(3)
    await end()
    expect(told).toEqual([jobs[1]!.id, jobs[0]!.id, jobs[2]!.id])
  })

  it('finds out that a transaction was committed also when the server could not tell for a moment', async () => {
    let failures = 0
    class Forgetful extends pg.Pool {
      override query(...parts: any[]): any {
        if (!String(parts[0].name).endsWith('.status') || failures++ > 0) return (super.query as any)(...parts)
        return Promise.reject(new Error('Connection terminated unexpectedly'))
      }
    }
    const forgetful = new Forgetful({ connectionString: serverUrl() })
    const own = postgresBackend({ pool: forgetful, schema: SCHEMA, pollInterval: '1h' })
    await own.open()
    const job = jobOf({ queue: 'told' })
    let waiting: ReturnType<PostgresBackend['claim']> | undefined
    await handles['a client of pg']!()(async (tx) => {
      await own.within(tx).enqueue([job])
      waiting = own.claim({ queue: 'told', limit: 1, lease: 60_000, wait: 3_600_000 }, new AbortController().signal)
      await listening('told')
      await expect.poll(() => failures).toBeGreaterThan(1)
    })
    expect(await waiting).toMatchObject([{ lease: { id: job.id } }])
    await own.close()
    await forgetful.end()
  })

  it('refuses what is refused outside: each job for itself, and calls that are too large', async () => {
    await handles['a client of pg']!()(async (tx) => {
      const { enqueue, settle } = backend.within(tx)
      expect(await enqueue([jobOf({ priority: -1 }), jobOf({ queue: 'admitted' })])).toMatchObject([
        { status: 'refused', error: { code: 'invalid' } },
        { status: 'enqueued' },
      ])
      const lease = { id: 'a', queue: 'q', token: 'none' }
      const many = Array.from({ length: 1001 }, () => ({ lease, to: 'completed', keep: 0 }) as const)
      await expect(settle(many)).rejects.toMatchObject({ code: 'invalid' })
    })
    expect(await claimed('admitted')).toHaveLength(1)
  })

  it('fails in the words of a backend', async () => {
    const client = await pool.connect()
    await client.query('begin read only')
    await expect(backend.within(client).enqueue([jobOf()])).rejects.toMatchObject({
      name: 'BackendError',
      code: 'unavailable',
      outcome: 'none',
    })
    await client.query('rollback')
    client.release()
  })

  it('does nothing any more when the backend is closed', async () => {
    const own = postgresBackend({ url: serverUrl(), schema: SCHEMA })
    await own.open()
    await own.enqueue([jobOf()])
    await handles['a client of pg']!()(async (tx) => {
      const { enqueue, settle } = own.within(tx)
      await own.close()
      await expect(enqueue([jobOf()])).rejects.toMatchObject({ code: 'closed' })
      await expect(settle([])).rejects.toMatchObject({ code: 'closed' })
    })
  })

  it('gives payloads back with whatever characters they have', async () => {
    const payloads = ['"\u001f"', '"\u001f0.1"', '"\\\\ \\" {,}"', '"ä\ud83d\ude00"']
    const jobs = payloads.map((payload) => jobOf({ queue: 'odd', payload }))
    await backend.enqueue(jobs)
    expect((await claimed('odd')).map(({ payload }) => payload)).toEqual(payloads)
  })

  it.each([
    ['a pool of pg', () => pool],
    ['a database of Drizzle', () => drizzle(pool)],
    ['a database of Kysely', () => new Kysely<object>({ dialect: new PostgresDialect({ pool }) })],
  ] as const)('refuses %s, where nothing would roll back', (_, outside) => {
    expect(() => backend.within(outside())).toThrow('each statement is a transaction of its own')
  })

  it('refuses what is no transaction', () => {
    expect(() => backend.within({} as never)).toThrow('within() takes')
    expect(() => backend.within(undefined as never)).toThrow('within() takes')
  })
})

async function ask(text: string, values: unknown[] = []): Promise<string> {
  return (await pool.query(`select within.enqueue(${text}) as id`, values)).rows[0].id
}

/** Resolves when somebody is said to listen for jobs of a queue. */
async function listening(queue: string): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query(
      "select from within.listeners where channel = 'jobport_' || left(md5('within.' || $1), 24)",
      [queue],
    )
    if (rowCount === 1) return
  }
}

describe('enqueue from SQL', () => {
  it('makes a job as any other', async () => {
    const id = await ask(
      `'sql', 'mail', '{"to":"ä"}', id => 'order-1', delay => '0s', priority => 2, unique_key => 'ü"', unique_within => '1h', group_key => 'g', headers => '{"trace":"x"}'`,
    )
    expect(id).toBe('order-1')
    const [record] = await backend.inspect.find(['order-1'])
    expect(record).toMatchObject({
      queue: 'sql', name: 'mail', payload: '{"to":"ä"}', priority: 2, unique: 'ü"', group: 'g', headers: { trace: 'x' },
    }) // prettier-ignore
    expect(await backend.enqueue([jobOf({ queue: 'sql', unique: { key: 'ü"' } })])).toEqual([
      { status: 'duplicate', of: 'order-1' },
    ])
    expect(await ask(`'sql', 'mail', '1', id => 'order-1'`)).toBe('order-1')
    expect(await ask(`'sql', 'mail', '1', unique_key => 'ü"'`)).toBe('order-1')
  })

  it('wakes a waiting claim when its transaction commits', async () => {
    const waiting = backend.claim(
      { queue: 'rung', limit: 1, lease: 60_000, wait: 20_000 },
      new AbortController().signal,
    )
    await listening('rung')
    const id = await ask(`'rung', 'n', '1'`)
    expect(await waiting).toMatchObject([{ lease: { id } }])
  })

  it.each([
    [`'a b', 'n', '1'`, 'queue and name'],
    [`'q', 'n', '1', id => ''`, 'an id has'],
    [`'q', 'n', '1', priority => -1`, 'number or interval'],
    [`'q', 'n', null`, 'payload'],
  ])('refuses %s', async (text, problem) => {
    await expect(ask(text)).rejects.toThrow(problem)
  })
})
