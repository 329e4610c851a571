import type { ClaimedJob, NewJob, Store } from '@jobport/core/adapter'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { postgresBackend, postgresStore } from '../src/index.ts'
import { dropSchema, rowsOf, serverUrl, withClient } from './harness.ts'

const schema = 'remembered'
const minute = 60_000
const options = { url: serverUrl(), schema }
let store: Store
let ids = 0

beforeAll(async () => {
  store = postgresStore(options)
  await store.open()
})

afterEach(() =>
  withClient((client) =>
    client.query(
      `truncate ${schema}.jobs, ${schema}.ready, ${schema}.later, ${schema}.leases, ${schema}.endings, ${schema}.unsent, ${schema}.uniques, ${schema}.returned, ${schema}.notes`,
    ),
  ),
)

afterAll(async () => {
  await store.close()
  await dropSchema(schema)
})

function jobOf(more: Partial<NewJob> = {}): NewJob {
  return { id: `job-${ids++}`, queue: 'q', name: 'n', payload: '{"a":"é"}', headers: { h: '1' }, ...more }
}

/** A job as the broker delivers it, for the n-th time. */
function delivery({ id, queue, name, payload, headers }: NewJob, attempt = 1): ClaimedJob {
  const lease = { id, queue, token: `${attempt}:broker${ids++}` }
  return { lease, name, payload, headers, attempt, failures: 0, crashes: 0, redrives: 0, enqueuedAt: 0 }
}

/** Lets the time pass after which jobs must be sent. */
function pass(ms: number): Promise<unknown> {
  return withClient((client) => client.query(`update ${schema}.unsent set at = at - $1`, [ms]))
}

const due = async (): Promise<string[]> => (await store.due(10, minute)).map(({ id }) => id)
const first = { attempt: 1, failures: 0, crashes: 0, redrives: 0 }

describe('a store', () => {
  it('records jobs once, by id and by unique key', async () => {
    const job = jobOf({ unique: { key: 'k' } })
    expect(await store.insert([job, job, jobOf({ unique: { key: 'k' } })], 0)).toEqual([
      { status: 'enqueued' },
      { status: 'duplicate', of: job.id },
      { status: 'duplicate', of: job.id },
    ])
    expect(await store.inspect.find([job.id])).toMatchObject([{ state: 'waiting', unique: 'k', headers: { h: '1' } }])
  })

  it('gives out what was never confirmed as sent, whole, and again when that is not confirmed either', async () => {
    const [sent, lost] = [jobOf(), jobOf({ policy: '{"p":1}', priority: 2 })]
    await store.insert([sent, lost], 0)
    await store.sent([sent.id])
    expect(await due()).toEqual([])
    await pass(minute)
    expect(await store.due(10, minute)).toEqual([lost])
    expect(await due()).toEqual([])
    await pass(minute)
    expect(await due()).toEqual([lost.id])
    await store.sent([lost.id])
    await pass(minute)
    expect(await due()).toEqual([])
  })

  it('keeps what is delayed beyond what the broker can, until then', async () => {
    const [long, short] = [jobOf({ delay: 10 * minute }), jobOf({ delay: 1_000 })]
    await store.insert([long, short], 5_000)
    await store.sent([short.id])
    await pass(minute)
    expect(await due()).toEqual([])
    expect(await store.inspect.find([long.id])).toMatchObject([{ state: 'scheduled' }])
    await pass(9 * minute)
    expect(await due()).toEqual([long.id])
  })

  it('knows an attempt that begins, and what became of it', async () => {
    const job = jobOf()
    await store.insert([job], 0)
    const claim = delivery(job)
    expect(await store.begin([claim], minute)).toEqual([first])
    expect(await store.begin([claim], minute)).toEqual([first])
    expect(await store.inspect.find([job.id])).toMatchObject([{ state: 'active', attempt: 1 }])
    const settlement = { lease: claim.lease, to: 'completed', keep: minute, result: '"é"' } as const
    expect(await store.apply([settlement], 0)).toEqual(['applied'])
    expect(await store.apply([settlement], 0)).toEqual(['applied'])
    expect(await store.inspect.find([job.id])).toMatchObject([{ state: 'completed', result: '"é"' }])
    expect(await store.begin([delivery(job, 2)], minute)).toEqual(['stale'])
    await pass(minute)
    expect(await due()).toEqual([])
  })

  it('fences: a later delivery takes over, an earlier one is stale, and the token of neither settles for the other', async () => {
    const job = jobOf()
    await store.insert([job], 0)
    const [one, two] = [delivery(job, 1), delivery(job, 2)]
    await store.begin([one], minute)
    expect(await store.begin([two], minute)).toEqual([{ ...first, attempt: 2, crashes: 1 }])
    expect(await store.begin([delivery(job, 1)], minute)).toEqual(['stale'])
    expect(await store.apply([{ lease: one.lease, to: 'completed', keep: minute }], 0)).toEqual(['lost'])
    expect(await store.apply([{ lease: two.lease, to: 'dead', keep: minute, error: '"e"' }], 0)).toEqual(['applied'])
    expect(await store.inspect.find([job.id])).toMatchObject([{ state: 'dead', errors: ['"e"'] }])
    expect(await store.begin([delivery(jobOf())], minute)).toEqual(['stale'])
  })

  it('leaves a short retry to the broker, and keeps a long one', async () => {
    const [short, long] = [jobOf(), jobOf()]
    await store.insert([short, long], 0)
    const claims = [delivery(short), delivery(long)]
    await store.begin(claims, minute)
    const returned = { to: 'waiting', counts: 'failure', error: '"e"' } as const
    const applied = await store.apply(
      [
        { ...returned, lease: claims[0]!.lease, delay: 1_000 },
        { ...returned, lease: claims[1]!.lease, delay: 10 * minute },
      ],
      5_000,
    )
    expect(applied).toEqual(['applied', 'applied'])
    await pass(10 * minute)
    expect(await due()).toEqual([long.id])
    expect(await store.begin([delivery(long), delivery(short, 2)], minute)).toEqual([
      { ...first, attempt: 2, failures: 1 },
      { ...first, attempt: 2, failures: 1 },
    ])
  })

  it('inserts what follows in the same write, once, and gives it out when it is not sent', async () => {
    const [job, follower, other] = [jobOf(), jobOf({ queue: 'next' }), jobOf()]
    await store.insert([job, other], 0)
    await store.sent([job.id, other.id])
    const claims = [delivery(job), delivery(other)]
    await store.begin(claims, minute)
    const settlement = { lease: claims[0]!.lease, to: 'completed', keep: 0, then: [follower] } as const
    const stale = { lease: { ...claims[1]!.lease, token: '1:x' }, to: 'completed', keep: 0, then: [jobOf()] } as const
    expect(await store.apply([stale, settlement, settlement], 0)).toEqual(['lost', 'applied', 'applied'])
    expect(await store.inspect.counts('next')).toMatchObject({ waiting: 1 })
    await pass(minute)
    expect(await due()).toEqual([follower.id])
  })

  it('answers for a settlement that can never be stored', async () => {
    const job = jobOf()
    await store.insert([job], 0)
    const claim = delivery(job)
    await store.begin([claim], minute)
    const bad = { lease: claim.lease, to: 'completed', keep: -1 } as const
    expect(await store.apply([bad], 0)).toMatchObject([{ code: 'invalid' }])
    expect(await store.apply([{ ...bad, keep: 1 }, bad], 0)).toEqual(['applied', 'applied'])
  })

  it('sends again what an operator sends back, and tells a worker of a wish to cancel', async () => {
    const job = jobOf()
    await store.insert([job], 0)
    const claim = delivery(job)
    await store.begin([claim], minute)
    expect(await store.operate.cancel([{ id: job.id, keep: minute }])).toEqual(['requested'])
    expect(await store.begin([delivery(job, 2)], minute)).toMatchObject([{ cancelRequested: true }])
    const [second] = [delivery(job, 3)]
    await store.begin([second], minute)
    await store.apply([{ lease: second.lease, to: 'cancelled', keep: minute }], 0)
    expect(await store.operate.retry([job.id])).toEqual([true])
    expect(await due()).toEqual([job.id])
    expect(await store.begin([delivery(job)], minute)).toEqual([{ ...first, attempt: 4, redrives: 1 }])
  })

  it('stores reports of those that hold their job', async () => {
    const job = jobOf()
    await store.insert([job], 0)
    const claim = delivery(job)
    await store.begin([claim], minute)
    const news = { progress: '0.5', logs: ['"a"', '"b"'], begun: true } as const
    expect(
      await store.report([
        { lease: claim.lease, ...news },
        { lease: { ...claim.lease, token: '1:y' }, ...news },
      ]),
    ).toEqual(['applied', 'lost'])
    expect(await store.inspect.find([job.id])).toMatchObject([{ progress: '0.5', logs: ['"a"', '"b"'] }])
    expect(await store.begin([delivery(job, 2)], minute)).toMatchObject([{ crashes: 1 }])
    expect(await store.begin([delivery(job, 3)], minute)).toMatchObject([{ crashes: 1 }])
  })

  it('forgets to send what was removed or cancelled meanwhile', async () => {
    const [removed, cancelled] = [jobOf(), jobOf()]
    await store.insert([removed, cancelled], 0)
    await store.operate.remove([removed.id])
    await store.operate.cancel([{ id: cancelled.id, keep: minute }])
    await pass(minute)
    expect(await due()).toEqual([])
    await store.operate.remove([cancelled.id])
    await withClient((client) => client.query(`delete from ${schema}.endings`))
    expect(await rowsOf(schema)).toBe(0)
  })

  it("and a backend refuse each other's schema", async () => {
    await expect(postgresBackend(options).open()).rejects.toMatchObject({ code: 'unsupported' })
    const backend = postgresBackend({ url: serverUrl(), schema: 'of_a_backend' })
    await backend.open()
    await expect(postgresStore({ url: serverUrl(), schema: 'of_a_backend' }).open()).rejects.toMatchObject({
      code: 'unsupported',
    })
    await backend.close()
    await dropSchema('of_a_backend')
  })
})
