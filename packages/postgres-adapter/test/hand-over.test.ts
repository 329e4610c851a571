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
/** What the answers to claims wait for. */
let held: Promise<void> | undefined

/** Writes down what is asked of the server. */
class RecordingPool extends pg.Pool {
  override query(...parts: any[]): any {
    const verb = String(parts[0].name).replace(`${schema}.`, '')
    // One that does not ask when the next thing happens looks again soon.
    const name = verb === 'claim' && parts[0].values.at(-1) === false ? 'glance' : verb
    asked.push(name)
    const answered = (super.query as any)(...parts)
    if (name === 'claim') {
      const until = held
      looked = answered
      if (until !== undefined) return answered.then((answer: unknown) => until.then(() => answer))
    }
    return name === 'enqueueAndClaim' && losesReply ? answered.then(cut) : answered
  }
}

function cut(): never {
  throw new Error('Connection terminated unexpectedly')
}

beforeEach(async () => {
  asked = []
  losesReply = false
  held = undefined
  pool = new RecordingPool({ connectionString: serverUrl() })
  backend = opened()
  await backend.open()
  await backend.enqueue([jobOf({ queue: 'q' })])
  await backend.claim({ queue: 'q', limit: 1, lease, wait: 0 }, never)
  // The first that waits looks a second time when others can be heard.
  const stop = new AbortController()
  const claimed = backend.claim({ queue: 'q', limit: 1, lease, wait: 20_000 }, stop.signal)
  await looks(2)
  stop.abort()
  await claimed
  asked = []
})
afterEach(async () => {
  await backend.close()
  await pool.end()
  await dropSchema(schema)
})

/** Whoever waits looks by itself when a lease ends, and not before. */
function opened(): PostgresBackend {
  return postgresBackend({ pool, schema, vacuum: false, pollInterval: '1h', warn: () => {} })
}

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
  const claimed = backend.claim({ queue: 'q', limit: 5, lease, wait: 3_600_000, ...request }, signal)
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

  it('go to a claim that waits for some of them, the most urgent first, and as many as it asked for', async () => {
    const { claimed } = await waitingClaim()
    const priorities = [0, 3, 1, 0, 2, 0, 0]
    const jobs = priorities.map((priority) => jobOf({ priority }))
    await backend.enqueue([jobOf({ queue: 'other' }), ...jobs])
    expect(asked).toContain('enqueueAndClaim')
    expect(idsOf(await claimed)).toEqual([1, 4, 2, 0, 3].map((index) => jobs[index]!.id))
    expect(await backend.inspect.counts('q')).toMatchObject({ waiting: 2 })
  })

  it('of a queue that was paused meanwhile are stored and wait', async () => {
    const stop = new AbortController()
    const { claimed } = await waitingClaim(stop.signal)
    await withClient((client) => client.query(`update "${schema}".queues set paused = true where name = 'q'`))
    await backend.enqueue([jobOf()])
    expect(asked).toContain('enqueueAndClaim')
    stop.abort()
    expect(await claimed).toEqual([])
    expect(await backend.inspect.counts('q')).toMatchObject({ waiting: 1 })
  })

  it('of another queue are stored alone, and the claim goes on waiting', async () => {
    const stop = new AbortController()
    const { claimed } = await waitingClaim(stop.signal)
    await backend.enqueue([jobOf({ queue: 'other' })])
    expect(asked).toContain('enqueue')
    expect(asked).not.toContain('claim')
    stop.abort()
    await claimed
  })

  it.each([
    ['of which some come due later', [{ delay: 60_000 }, {}]],
    ['with a unique key', [{}, { unique: { key: 'k' } }]],
    ['of a group', [{}, { group: 'g' }]],
  ] as const)('%s are stored alone, and the claim looks for them', async (_what, given) => {
    const { claimed } = await waitingClaim()
    const jobs = given.map(jobOf)
    await backend.enqueue(jobs)
    expect(asked).toContain('enqueue')
    expect(asked).not.toContain('enqueueAndClaim')
    expect(idsOf(await claimed)).toEqual(jobs.filter(({ delay }) => delay === undefined).map(({ id }) => id))
  })

  it('that come when a claim has looked and does not know yet that it looked in vain are not waited for', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    held = promise
    const { claimed } = await waitingClaim()
    const job = jobOf()
    await backend.enqueue([job])
    expect(asked).toContain('enqueue')
    held = undefined
    resolve()
    expect(idsOf(await claimed)).toEqual([job.id])
  })

  it('that were taken by a claim which is given up meanwhile go back, unharmed', async () => {
    const job = jobOf()
    await backend.enqueue([job])
    const stop = new AbortController()
    const claimed = backend.claim({ queue: 'q', limit: 1, lease, wait: 0 }, stop.signal)
    stop.abort()
    expect(await claimed).toEqual([])
    const [again] = await backend.claim({ queue: 'q', limit: 1, lease, wait: 0 }, never)
    expect(again).toMatchObject({ lease: { id: job.id }, attempt: 2, failures: 0, crashes: 0 })
  })

  it('that are taken for a short time go to who waits when that is over, of which nobody else would tell', async () => {
    const job = jobOf({ delay: 3_600_000 })
    await backend.enqueue([job])
    const { claimed } = await waitingClaim()
    await withClient((client) => client.query(`update "${schema}".later set due_at = "${schema}".ms()`))
    expect(idsOf(await backend.claim({ queue: 'q', limit: 1, lease: 300, wait: 0 }, never))).toEqual([job.id])
    expect(await claimed).toMatchObject([{ lease: { id: job.id }, attempt: 2, crashes: 1 }])
  })

  it('go one batch after the other through a pool, whose connections may mix them up', async () => {
    const answers = [backend.enqueue([jobOf()]), backend.enqueue([jobOf()])]
    expect(asked.filter((name) => name === 'enqueue')).toHaveLength(1)
    await Promise.all(answers)
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
    backend = opened()
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
