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
let looked: Promise<unknown>
let pool: pg.Pool
let backend: PostgresBackend
/** Of the statement that hands over. */
let losesReply: boolean

/** Writes down what is asked of the server. */
class RecordingPool extends pg.Pool {
  override query(...parts: any[]): any {
    const name = String(parts[0].name).replace(`${schema}.`, '')
    asked.push(name)
    const answered = (super.query as any)(...parts)
    if (name === 'claim') looked = answered
    return name === 'enqueueAndClaim' && losesReply ? answered.then(cut) : answered
  }
}

function cut(): never {
  throw new Error('Connection terminated unexpectedly')
}

beforeEach(async () => {
  asked = []
  losesReply = false
  pool = new RecordingPool({ connectionString: serverUrl() })
  backend = postgresBackend({ pool, schema, vacuum: false, warn: () => {} })
  await backend.open()
  await backend.enqueue([jobOf({ queue: 'q' })])
  await backend.claim({ queue: 'q', limit: 1, lease, wait: 0 }, never)
  // The first that waits looks a second time when others can be heard.
  const stop = new AbortController()
  const claimed = backend.claim({ queue: 'q', limit: 1, lease, wait: 20_000 }, stop.signal)
  await looks(3)
  stop.abort()
  await claimed
})
afterEach(async () => {
  await backend.close()
  await pool.end()
  await dropSchema(schema)
})

function jobOf(more: Partial<NewJob> = {}): NewJob {
  return { id: randomUUID(), queue: 'q', name: 'n', payload: '1', headers: {}, ...more }
}

/** Resolves when claims have looked so often, and the last has its answer. */
async function looks(times: number): Promise<void> {
  while (asked.filter((name) => name === 'claim').length < times) await new Promise(setImmediate)
  await looked
  await new Promise(setImmediate)
}

/** A claim that has looked, and found nothing. */
async function waitingClaim(
  signal = never,
  request: { readonly lease?: number } = {},
): Promise<{ readonly claimed: Promise<readonly ClaimedJob[]> }> {
  asked = []
  const claimed = backend.claim({ queue: 'q', limit: 5, lease, wait: 20_000, ...request }, signal)
  await looks(1)
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

  it('that are handed over while the backend closes go back, unharmed', async () => {
    const { claimed } = await waitingClaim()
    const job = jobOf()
    const stored = backend.enqueue([job])
    await backend.close()
    await stored
    expect(await claimed).toEqual([])
    expect(asked).toContain('enqueueAndClaim')
    backend = postgresBackend({ pool, schema, vacuum: false, warn: () => {} })
    await backend.open()
    const [again] = await backend.claim({ queue: 'q', limit: 1, lease, wait: 0 }, never)
    expect(again).toMatchObject({ lease: { id: job.id }, failures: 0, crashes: 0 })
  })

  it('whose reply is lost are stored once, and claimed again when the lease is over', async () => {
    const { claimed } = await waitingClaim(never, { lease: 300 })
    const job = jobOf()
    losesReply = true
    await expect(backend.enqueue([job])).rejects.toMatchObject({ code: 'unavailable', outcome: 'unknown' })
    losesReply = false
    expect(await backend.enqueue([job])).toEqual([{ status: 'duplicate', of: job.id }])
    expect(await claimed).toMatchObject([{ lease: { id: job.id }, attempt: 2, failures: 0, crashes: 1 }])
  })

  it('are stored though the claim is refused', async () => {
    const { claimed } = await waitingClaim()
    await withClient((client) => client.query(`update "${schema}".meta set least_client = 1000`))
    const refusal = claimed.catch((error: unknown) => error)
    expect(await backend.enqueue([jobOf()])).toEqual([{ status: 'enqueued' }])
    expect(await refusal).toMatchObject({ code: 'unsupported' })
    expect((await backend.inspect.counts('q')).waiting).toBe(1)
  })
})
