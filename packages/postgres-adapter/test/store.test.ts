import { testStore } from '@jobport/conformance'
import { createWorker, defineJob, handle, type, withStore } from '@jobport/core'
import type { Begun, HandOff, NewJob, Settlement, Started } from '@jobport/core/adapter'
import { memoryBroker } from '@jobport/core/testing'
import type { Client, QueryResult } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { postgresBackend, postgresStore } from '../src/index.ts'
import { dropSchema, rowsOf, serverUrl, withClient } from './harness.ts'

const url = serverUrl()

function storeOf(schema: string): ReturnType<typeof postgresStore> {
  const connection = { application_name: schema }
  return postgresStore({ url, schema, connections: 3, vacuum: false, warn: () => {}, connection })
}

// Side by side, for they wait most of the time.
testStore(
  {
    name: 'postgres',
    open: (namespace) => storeOf(`s_${namespace}`),
    cleanup: (namespace) => dropSchema(`s_${namespace}`),
    footprint: (namespace) => rowsOf(`s_${namespace}`),
  },
  { describe, it: it.concurrent },
)

const job = (id: string): NewJob => ({ id, queue: 'q', name: 'n', payload: '1', headers: {} })
const handOff: HandOff = { delay: 1000, grace: 60_000, origin: 'o' }
/** Nobody will confirm: `due` gives out what does not begin. */
const unconfirmed: HandOff = { ...handOff, grace: 0 }

const numbers = Array.from({ length: 200 }, (_, number) => number)
const isUrgent = (number: number): boolean => number === 120

describe('a schema of a store', () => {
  const schema = 'remembered'
  let store: ReturnType<typeof postgresStore>

  beforeEach(async () => {
    store = storeOf(schema)
    await store.open()
  })

  afterEach(async () => {
    await store.close()
    await dropSchema(schema)
  })

  const begin = (ids: readonly string[], token = 'claim'): Promise<readonly Begun[]> =>
    store.begin(
      ids.map((id) => ({ id, queue: 'q', token })),
      60_000,
    )

  const attemptsOf = async (ids: readonly string[], token: string): Promise<unknown> =>
    (await begin(ids, token)).map((each) => (typeof each === 'string' ? each : each.attempt))

  const attempts = (numbers: readonly number[], token: string): Promise<unknown> =>
    attemptsOf(
      numbers.map((number) => `j${number}`),
      token,
    )

  /** How many are said to listen. */
  const listening = (): Promise<unknown> =>
    withClient(async (client) => {
      const { rows } = await client.query(`select count(*)::integer as count from "${schema}".listeners`)
      return (rows[0] as { count: number }).count
    })

  /** Of the tables through which a job goes. */
  const rows = (): Promise<unknown> =>
    withClient(async (client) => {
      const tables = ['ready', 'unsent', 'leases', 'endings'].map(
        (table) => `(select count(*) from "${schema}".${table})`,
      )
      const { rows } = await client.query({ text: `select ${tables.join()}`, rowMode: 'array' })
      return (rows[0] as unknown[]).map(Number)
    })

  const cut = (client: Client, from: number, to: number): Promise<QueryResult> =>
    client.query(`select "${schema}".cut_run($1, $2, q.no, 0, '{1}') as run from "${schema}".queues q`, [from, to])

  it('keeps the jobs of a batch together from their enqueue to their end', async () => {
    const ids = Array.from({ length: 64 }, (_, index) => `job-${index}`)
    await store.insert(ids.map(job), handOff)
    expect(await rows()).toEqual([1, 1, 0, 0])
    await store.sent(ids.map((id) => ({ id, sending: '' })))
    expect(await rows()).toEqual([1, 0, 0, 0])
    const begun = await begin(ids)
    expect(await rows()).toEqual([0, 0, 1, 0])
    const ends = begun.map((each, index): Settlement => {
      if (typeof each === 'string') throw new Error(`job ${index} is ${each}`)
      return { lease: each.lease, to: 'completed', keep: 60_000, result: String(index) }
    })
    expect(await store.apply([...ends, ends[0]!], handOff)).toEqual([...ids, 'again'].map(() => 'applied'))
    expect(await rows()).toEqual([0, 0, 0, 1])
    const records = await store.inspect.find(ids)
    expect(records.map((record) => record?.result)).toEqual(ids.map((_, index) => String(index)))
  })

  it('lets messages of one batch begin in any order, and each job once', async () => {
    const jobs = Array.from({ length: 9 }, (_, index) => ({ ...job(`j${index}`), ...(index === 4 && { priority: 1 }) }))
    await store.insert(jobs, unconfirmed)
    expect(await attempts([2, 3], 'a')).toEqual([1, 1])
    expect(await attempts([8, 7, 6, 2], 'b')).toEqual([1, 1, 1, 'stale'])
    expect(await attempts([1, 2, 3, 4], 'c')).toEqual([1, 'stale', 'stale', 1])
    expect(await attempts([2, 3], 'a')).toEqual([1, 1])
    const unsent = await store.due(100, 1_000)
    expect(unsent.map((each) => each.job.id).toSorted()).toEqual(['j0', 'j5'])
  })

  it.each([
    ['all in their order', numbers, 3],
    ['a gap', numbers.toSpliced(60, 1, -1), 4],
    ['some missing', numbers.toSpliced(60, 30), 4],
    ['two in each other’s place', numbers.with(60, 70).with(70, 60), 7],
    ['messages in another order', [...numbers.slice(100), ...numbers.slice(0, 100)], 4],
    ['none that follows another', numbers.filter((number) => number % 2 === 0), 100],
    ['one unknown at the head', [-1, ...numbers], 3],
  ])('begins each job as itself, and those that follow each other together: %s', async (_, asked, stretches) => {
    await store.insert(
      numbers.map((number) => ({ ...job(`${number}`), priority: isUrgent(number) ? 1 : 0 })),
      unconfirmed,
    )
    const begun = await begin(asked.map(String))
    expect(begun.map((each) => (typeof each === 'string' ? each : Number(each.lease.id)))).toEqual(
      asked.map((number) => (number < 0 ? 'stale' : number)),
    )
    const { rows } = await withClient((client) =>
      client.query(`select count(*)::integer as leases from "${schema}".leases`),
    )
    expect(rows).toEqual([{ leases: stretches }])
    // Each token names its own job: what it ends is what was asked for.
    const ended = begun.flatMap((each): Settlement[] =>
      typeof each === 'string' ? [] : [{ lease: each.lease, to: 'completed', keep: 60_000, result: each.lease.id }],
    )
    await store.apply(ended, handOff)
    const records = await store.inspect.find(numbers.map(String))
    expect(records.map((record) => record?.result)).toEqual(
      numbers.map((number) => (asked.includes(number) ? String(number) : undefined)),
    )
  })

  it('begins the jobs of many messages in one piece where those of one follow those of another', async () => {
    const ids = Array.from({ length: 600 }, (_, number) => `job-${number}`)
    await store.insert(ids.map(job), handOff)
    const asked = ids.toSpliced(400, 1)
    const begun = await begin(asked)
    expect(begun.map((each) => (typeof each === 'string' ? each : each.lease.id))).toEqual(asked)
    // 1 to 400 and 402 to 600, in blocks of 256.
    expect(await rows()).toEqual([1, 1, 4, 0])
    expect(await begin(['job-400'], 'other')).toMatchObject([{ attempt: 1 }])
  })

  it('lets what begins and ends come to its end when it is closed', async () => {
    const ids = Array.from({ length: 64 }, (_, index) => `job-${index}`)
    await store.insert(ids.map(job), handOff)
    const [first] = (await begin(ids.slice(0, 1))) as readonly Started[]
    const beginning = begin(ids.slice(1), 'last')
    const ending = store.apply([{ lease: first!.lease, to: 'completed', keep: 60_000 }], handOff)
    await store.close()
    expect((await beginning).filter((each) => typeof each === 'string')).toEqual([])
    expect(await ending).toEqual(['applied'])
    await store.open()
    expect((await store.inspect.find(ids)).map((record) => record?.state)).toEqual(
      ids.map((_, index) => (index === 0 ? 'completed' : 'active')),
    )
  })

  /** How many the store has. */
  const connections = (): Promise<unknown> =>
    withClient(async (client) => {
      const sessions = await client.query('select from pg_stat_activity where application_name = $1', [schema])
      return sessions.rowCount
    })

  /** Runs while nobody else gets at the rows of a table. Gives the connections that wait for them. */
  const whileLocked = (table: string, body: (waiting: () => Promise<readonly number[]>) => Promise<void>) =>
    withClient(async (client) => {
      await client.query(`begin; select from "${schema}".${table} for update`)
      await body(async () => {
        const { rows } = await client.query(
          'select distinct pid from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))',
        )
        return rows.map(({ pid }) => pid as number)
      })
      await client.query('commit')
    })

  it('waits for what begins when it is closed, for as long as that takes', async () => {
    await store.insert([job('a'), job('b')], handOff)
    let beginning: Promise<unknown> | undefined
    let closing: Promise<unknown> | undefined
    await whileLocked('ready', async (waiting) => {
      beginning = Promise.all([attemptsOf(['a'], 'one'), attemptsOf(['b'], 'two')])
      await expect.poll(waiting).toHaveLength(1)
      closing = store.close()
      // The one connection on which they wait.
      await expect.poll(connections).toBe(1)
    })
    expect(await beginning).toEqual([[1], [1]])
    await closing
    await store.open()
  })

  it('tells all calls on their way when their connection dies, and takes each again as if nothing had been', async () => {
    const ids = ['a', 'b', 'c', 'd']
    await store.insert(ids.map(job), handOff)
    const begun = (await begin(ids.slice(0, 2), 'first')) as readonly Started[]
    const lost = { code: 'unavailable', outcome: 'unknown', retryable: true }
    /** The calls that are made, while the rows of a table are locked, on one connection that is then ended. */
    const dying = async (table: string, calls: () => readonly Promise<unknown>[]): Promise<void> => {
      let refused: Promise<unknown> | undefined
      await whileLocked(table, async (waiting) => {
        refused = Promise.all(calls().map((call) => expect(call).rejects.toMatchObject(lost)))
        await expect.poll(waiting).toHaveLength(1)
        const [pid] = await waiting()
        await withClient((client) => client.query('select pg_terminate_backend($1)', [pid]))
        await refused
      })
    }
    await dying('ready', () => [begin(['c'], 'one'), begin(['d'], 'two')])
    expect([await attemptsOf(['c'], 'one'), await attemptsOf(['d'], 'two')]).toEqual([[1], [1]])
    const apply = (index: number): Promise<unknown> =>
      store.apply([{ lease: begun[index]!.lease, to: 'completed', keep: 60_000, result: `${index}` }], handOff)
    await dying('leases', () => [apply(0), apply(1)])
    expect([await apply(0), await apply(1)]).toEqual([['applied'], ['applied']])
    expect(await store.inspect.find(ids)).toMatchObject([
      { state: 'completed', result: '0' },
      { state: 'completed', result: '1' },
      { state: 'active', attempt: 1 },
      { state: 'active', attempt: 1 },
    ])
  })

  it('begins jobs while outcomes have to wait for somebody', async () => {
    await store.insert([job('a'), job('b')], handOff)
    const [begun] = (await begin(['a'])) as readonly Started[]
    let ending: Promise<unknown> | undefined
    await whileLocked('leases', async (waiting) => {
      ending = store.apply([{ lease: begun!.lease, to: 'completed', keep: 60_000 }], handOff)
      await expect.poll(waiting).toHaveLength(1)
      expect(await attemptsOf(['b'], 'another')).toEqual([1])
    })
    expect(await ending).toEqual(['applied'])
  })

  it('tells those who watch of what has ended, here and elsewhere, without their looking', async () => {
    const watching = [1, 2].map(() => postgresStore({ url, schema, pollInterval: '1h', vacuum: false, warn: () => {} }))
    const told: string[] = []
    for (const [index, each] of watching.entries()) {
      await each.open()
      await each.inspect.watch((finished) => void told.push(...finished.map(({ id }) => `${index}: ${id}`)))
    }
    await store.insert([job('a')], handOff)
    const [begun] = (await begin(['a'])) as readonly Started[]
    await expect.poll(listening).toBe(2)
    await watching[0]!.apply([{ lease: begun!.lease, to: 'completed', keep: 60_000 }], handOff)
    await expect.poll(() => told.toSorted()).toEqual(['0: a', '1: a'])
    for (const each of watching) await each.close()
  })

  it('finds a part of a run that somebody else is just cutting', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `job-${index}`)
    await store.insert(ids.map(job), handOff)
    const found = await withClient(async (one) => {
      const { rows } = await one.query(`select first::integer from "${schema}".ready`)
      const { first } = rows[0] as { first: number }
      await one.query('begin')
      await cut(one, first + 20, first + 29)
      return withClient(async (other) => {
        const cutting = cut(other, first + 40, first + 49)
        const blocked = async (): Promise<unknown> =>
          (await one.query('select from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))'))
            .rowCount
        await expect.poll(blocked).toBeGreaterThan(0)
        await one.query('commit')
        return cutting
      })
    })
    expect((found.rows[0] as { run: unknown }).run).not.toBeNull()
  })

  it('sends jobs that SQL enqueues, when its transaction is committed', async () => {
    const greet = defineJob('greet', { queue: 'mail', input: type<{ user: string }>() })
    const backend = withStore(memoryBroker(), store, { relayEvery: 20 })
    await backend.open()
    const greeted: string[] = []
    const worker = createWorker(backend, [handle(greet, ({ user }, { job }) => void greeted.push(`${user} ${job.id}`))])
    await worker.start()
    await withClient(async (client) => {
      const enqueue = (user: string, more = ''): Promise<unknown> =>
        client.query(
          `select "${schema}".enqueue('mail', 'greet', json_build_object('user', $1::text), id => $1${more})`,
          [user],
        )
      await client.query('begin')
      await enqueue('never')
      await client.query('rollback')
      await client.query('begin')
      await enqueue('late', `, delay => '100 ms', unique_key => 'ü'`)
      await enqueue('soon')
      await client.query('commit')
    })
    await expect.poll(() => greeted).toEqual(['soon soon', 'late late'])
    expect(await store.inspect.find(['never', 'soon', 'late'])).toMatchObject([
      undefined,
      { state: 'completed', attempt: 1 },
      { state: 'completed', attempt: 1, unique: 'ü' },
    ])
    await worker.close()
    await backend.close()
  })

  it('forgets what is over when its time is', async () => {
    await store.insert([job('over')], handOff)
    const [begun] = await begin(['over'])
    await store.apply([{ lease: (begun as Started).lease, to: 'completed', keep: 0 }], handOff)
    await withClient((client) =>
      client.query(
        `create or replace function "${schema}".ms() returns bigint language sql volatile as $$ select (extract(epoch from clock_timestamp()) * 1000)::bigint + 600000 $$`,
      ),
    )
    let next = 0
    // Whoever calls sees to it, at most once a second.
    const left = async (): Promise<unknown> => {
      await store.insert([job(`new-${next++}`)], handOff)
      return withClient(async (client) => {
        const { rows } = await client.query(`select count(*)::int as count from "${schema}".endings`)
        return (rows[0] as { count: number }).count
      })
    }
    await expect.poll(left).toBe(0)
  })

  it('and one of a backend refuse each other', async () => {
    await expect(postgresBackend({ url, schema }).open()).rejects.toMatchObject({ code: 'unsupported' })
    const backend = postgresBackend({ url, schema: 'of_a_backend' })
    await backend.open()
    await expect(storeOf('of_a_backend').open()).rejects.toMatchObject({ code: 'unsupported' })
    await backend.close()
    await dropSchema('of_a_backend')
  })
})
