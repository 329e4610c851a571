import { randomUUID } from 'node:crypto'
import type { NewJob } from '@jobport/core/adapter'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { postgresBackend } from '../src/index.ts'
import { dropSchema, serverUrl } from './harness.ts'

const schema = 'claim_cost'
const backend = postgresBackend({ url: serverUrl(), schema, vacuum: false, warn: () => {} })

let queue = ''
const clients: pg.Client[] = []

beforeAll(() => backend.open())
afterAll(async () => {
  await backend.close()
  await dropSchema(schema)
})
beforeEach(() => void (queue = randomUUID()))
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end()
})

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: serverUrl() })
  clients.push(client)
  await client.connect()
  return client
}

/** Jobs that each are a run of their own, since their neighbours have another priority. */
async function enqueueRuns(count: number): Promise<void> {
  const jobs = Array.from({ length: count }, (_, index): NewJob => {
    return { id: randomUUID(), queue, name: 'n', payload: '1', headers: {}, priority: index % 2 }
  })
  for (let at = 0; at < count; at += 1000) await backend.enqueue(jobs.slice(at, at + 1000))
}

/** How many jobs a claim brought, and how many entries of the index of those that are due it read. */
async function claim(client: pg.Client, limit: number): Promise<{ readonly jobs: number; readonly read: number }> {
  await client.query('begin')
  const before = await entriesRead(client)
  const {
    rows: [claimed],
  } = await client.query(
    `select c.no, octet_length(c.bodies) as bytes from "${schema}".queues q
     cross join "${schema}".claim(1, q.no, $2, 60000, 'r', 4, 0, false) c where q.name = $1`,
    [queue, limit],
  )
  const read = (await entriesRead(client)) - before
  await client.query('commit')
  return { jobs: Number(claimed.bytes ?? 0), read }
}

async function entriesRead(client: pg.Client): Promise<number> {
  const { rows } = await client.query(`select pg_stat_get_xact_tuples_returned('"${schema}".ready_pkey'::regclass)`)
  return Number(Object.values(rows[0])[0])
}

describe('a claim', () => {
  it('walks once over what has gone while an open transaction keeps it from being removed', async () => {
    const open = await connected()
    await open.query('begin isolation level repeatable read')
    await open.query('select 1')
    const runs = 400
    await enqueueRuns(runs)
    const worker = await connected()
    expect(await claim(worker, 1000)).toMatchObject({ jobs: runs })
    const idle = await claim(worker, 1000)
    expect(idle.jobs).toBe(0)
    expect(idle.read).toBeGreaterThanOrEqual(runs)
    expect(idle.read).toBeLessThan(1.5 * runs)
  })

  it('reads what it takes, however much waits, also when it was planned for an empty queue', async () => {
    const worker = await connected()
    await enqueueRuns(10)
    await claim(worker, 1000)
    await worker.query(`vacuum "${schema}".ready`)
    expect(await claim(worker, 1000)).toMatchObject({ jobs: 0 })
    await enqueueRuns(3000)
    const taken = await claim(worker, 20)
    expect(taken.jobs).toBe(20)
    expect(taken.read).toBeLessThan(500)
  })
})
