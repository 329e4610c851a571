import type { ClaimedJob, Finished, NewJob, Settlement } from '@jobport/core/adapter'
import { faultProxy } from '@jobport/fault-proxy'
import { createHash } from 'node:crypto'
import pg from 'pg'
import { afterEach, expect, it } from 'vitest'
import { postgresBackend, type PostgresBackend, type PostgresOptions } from '../src/index.ts'
import { dropSchema, serverUrl, withClient } from './harness.ts'

const schema = 'bell'
const channel = `jobport_${createHash('md5').update(`${schema}.q`).digest('hex').slice(0, 24)}`
const undo: (() => Promise<unknown>)[] = []
const never = new AbortController().signal

afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
  await dropSchema(schema)
})

async function opened(options: Partial<PostgresOptions> = {}): Promise<PostgresBackend> {
  const backend = postgresBackend({ url: serverUrl(), schema, warn: () => {}, ...options } as PostgresOptions)
  undo.push(() => backend.close())
  await backend.open()
  return backend
}

function jobOf(id: string): NewJob {
  return { id, queue: 'q', name: 'n', payload: '1', headers: {} }
}

it('rings for other clients, and not for the one that waits where the job was enqueued', async () => {
  const [one, other] = [await opened(), await opened()]
  const ear = new pg.Client({ connectionString: serverUrl() })
  undo.push(() => ear.end())
  await ear.connect()
  await ear.query(`listen "${channel}"`)
  let rung = 0
  const over = new Promise<void>((resolve) => {
    ear.on('notification', ({ payload }) => {
      if (payload === 'over') resolve()
      else rung++
    })
  })
  const waiting = one.claim({ queue: 'q', limit: 1, lease: 60_000, wait: 20_000 }, never)
  while ((await ear.query(`select from "${schema}".listeners`)).rowCount === 0);
  await one.enqueue([jobOf('a')])
  expect(await waiting).toHaveLength(1)
  // It has rung by then, if it ever does. That it listens is still noted down.
  await one.close()
  await other.enqueue([jobOf('b')])
  await other.close()
  await ear.query('select pg_notify($1, $2)', [channel, 'over'])
  await over
  expect(rung).toBe(1)
})

it('listens again when its line was ended while it began to', async () => {
  const [worker, producer] = [await opened({ pollInterval: '1h' }), await opened()]
  let waiting: Promise<readonly ClaimedJob[]> | undefined
  await withClient(async (client) => {
    await client.query(`begin; lock table "${schema}".listeners in access exclusive mode`)
    waiting = worker.claim({ queue: 'q', limit: 1, lease: 60_000, wait: 40_000 }, never)
    await endBeginner()
    await client.query('commit')
  })
  await expect.poll(() => listeners('q')).toBe(1)
  await producer.enqueue([jobOf('a')])
  expect(await waiting).toHaveLength(1)
})

function limit(most: number): Promise<unknown> {
  return withClient((client) => client.query(`alter role frugal connection limit ${most}`))
}

it('listens when the server has a connection for that after all', async () => {
  await withClient((client) => client.query('create role frugal login; grant create on database postgres to frugal'))
  undo.push(async () => {
    await dropSchema(schema)
    await withClient((client) => client.query('drop owned by frugal; drop role frugal'))
  })
  const { hostname, port } = new URL(serverUrl())
  const proxy = await faultProxy({ host: hostname, port: Number(port) })
  undo.push(() => proxy.close())
  const url = new URL(proxy.through(serverUrl()))
  url.username = 'frugal'
  const worker = await opened({ url: url.href, connections: 1, pollInterval: '1h' })
  const producer = await opened()
  // Its only connection, which it keeps.
  await worker.inspect.counts('q')
  await limit(1)
  const before = proxy.counts.connections
  const waiting = worker.claim({ queue: 'q', limit: 1, lease: 60_000, wait: 50_000 }, never)
  // The first was refused when there is a second.
  await expect.poll(() => proxy.counts.connections).toBeGreaterThan(before + 1)
  await limit(-1)
  await expect.poll(() => listeners('q')).toBe(1)
  await producer.enqueue([jobOf('a')])
  expect(await waiting).toHaveLength(1)
})

/** Ends the line that waits to note down that it listens. */
function endBeginner(): Promise<void> {
  return withClient(async (client) => {
    const begins = "select pid from pg_stat_activity where query like '%bell%listen_for%' and wait_event_type = 'Lock'"
    let pid: number | undefined
    while (pid === undefined) pid = (await client.query(begins)).rows[0]?.pid
    await client.query('select pg_terminate_backend($1)', [pid])
  })
}

async function listeners(queue: string): Promise<number> {
  return withClient(async (client) => {
    const name = `jobport_${createHash('md5').update(`${schema}.${queue}`).digest('hex').slice(0, 24)}`
    const { rowCount } = await client.query(`select from "${schema}".listeners where channel = $1`, [name])
    return rowCount!
  })
}

it('tells those who watch at once, also of what an exchange has settled that claims nothing', async () => {
  const backend = await opened({ pollInterval: '1h' })
  let tell: (finished: readonly Finished[]) => void
  const told = (): Promise<readonly Finished[]> => new Promise((resolve) => (tell = resolve))
  await backend.inspect.watch((finished) => tell(finished))
  await backend.enqueue([jobOf('a'), jobOf('b')])
  const jobs = await backend.claim({ queue: 'q', limit: 2, lease: 60_000, wait: 0 }, never)
  const [a, b] = jobs.map(({ lease }): Settlement => ({ lease, to: 'completed', keep: 60_000 }))
  let telling = told()
  await backend.settle([a!])
  expect(await telling).toMatchObject([{ id: 'a' }])
  telling = told()
  await backend.exchange([b!], { queue: 'q', limit: 0, lease: 60_000 })
  expect(await telling).toMatchObject([{ id: 'b' }])
})
