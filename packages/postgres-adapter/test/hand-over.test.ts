import type { ClaimedJob, NewJob } from '@jobport/core/adapter'
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { postgresBackend, type PostgresBackend } from '../src/index.ts'
import { dropSchema, serverUrl, withClient } from './harness.ts'

const schema = 'hand_over'
const lease = 60_000
const never = new AbortController().signal

let asked: string[]
let answered: Promise<unknown>
let pool: pg.Pool
let backend: PostgresBackend

/** Writes down what is asked of the server. */
class RecordingPool extends pg.Pool {
  override query(...parts: any[]): any {
    asked.push(String(parts[0].name).replace(`${schema}.`, ''))
    answered = (super.query as any)(...parts)
    return answered
  }
}

beforeEach(async () => {
  asked = []
  pool = new RecordingPool({ connectionString: serverUrl() })
  backend = postgresBackend({ pool, schema, vacuum: false, warn: () => {} })
  await backend.open()
  await backend.enqueue([jobOf({ queue: 'q' })])
  await backend.claim({ queue: 'q', limit: 1, lease, wait: 1 }, never)
})
afterEach(async () => {
  await backend.close()
  await pool.end()
  await dropSchema(schema)
})

function jobOf(more: Partial<NewJob> = {}): NewJob {
  return { id: randomUUID(), queue: 'q', name: 'n', payload: '1', headers: {}, ...more }
}

/** A claim that has looked, and found nothing. */
async function waitingClaim(signal = never): Promise<{ readonly claimed: Promise<readonly ClaimedJob[]> }> {
  asked = []
  const claimed = backend.claim({ queue: 'q', limit: 5, lease, wait: 20_000 }, signal)
  while (!asked.includes('claim')) await new Promise(setImmediate)
  await answered
  await new Promise(setImmediate)
  asked = []
  return { claimed }
}

function idsOf(jobs: readonly ClaimedJob[]): string[] {
  return jobs.map(({ lease: { id } }) => id)
}

describe('new jobs', () => {
  it('go to a claim that waits in the same process, with the statement that stores them', async () => {
    const { claimed } = await waitingClaim()
    const jobs = [jobOf(), jobOf()]
    expect(await backend.enqueue(jobs)).toEqual([{ status: 'enqueued' }, { status: 'enqueued' }])
    expect(idsOf(await claimed)).toEqual(jobs.map(({ id }) => id))
    expect(asked.filter((name) => !['ring', 'clean'].includes(name))).toEqual(['enqueueAndClaim'])
  })

  it.each([
    ['of another queue', { queue: 'other' }],
    ['that come due later', { delay: 60_000 }],
    ['with a unique key', { unique: { key: 'k' } }],
    ['of a group', { group: 'g' }],
  ])('%s are stored alone', async (_what, more) => {
    const stop = new AbortController()
    const { claimed } = await waitingClaim(stop.signal)
    await backend.enqueue([jobOf(more)])
    expect(asked).toContain('enqueue')
    expect(asked).not.toContain('enqueueAndClaim')
    stop.abort()
    await claimed
  })

  it('that were handed to a claim which is given up meanwhile go back, unharmed', async () => {
    const stop = new AbortController()
    const { claimed } = await waitingClaim(stop.signal)
    const job = jobOf()
    const stored = backend.enqueue([job])
    stop.abort()
    expect(await claimed).toEqual([])
    await stored
    expect(asked).toContain('enqueueAndClaim')
    const [again] = await backend.claim({ queue: 'q', limit: 1, lease, wait: 0 }, never)
    expect(again).toMatchObject({ lease: { id: job.id }, failures: 0, crashes: 0 })
  })

  it('are stored though the claim is refused', async () => {
    const { claimed } = await waitingClaim()
    await withClient((client) => client.query(`update "${schema}".meta set least_client = 1000`))
    const refused = expect(claimed).rejects.toMatchObject({ code: 'unsupported' })
    expect(await backend.enqueue([jobOf()])).toEqual([{ status: 'enqueued' }])
    await refused
    expect((await backend.inspect.counts('q')).waiting).toBe(1)
  })
})
