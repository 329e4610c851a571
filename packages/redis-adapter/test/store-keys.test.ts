import {
  TOMBSTONE,
  type ClaimedJob,
  type HandOff,
  type Lease,
  type NewJob,
  type Settlement,
  type Started,
} from '@jobport/core/adapter'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { redisBackend, redisStore } from '../src/index.ts'
import type { RedisStore } from '../src/store/redis-store.ts'
import { commandsSent, entriesOf, removeKeys, serverUrl } from './harness.ts'
import { completed, dead, job, numbered, type Outcome } from './stage.ts'
import { SharedClock, virtualStore } from './virtual.ts'

const url = serverUrl()
const namespace = 'memory'
const client = new Redis(url)
const clock = new SharedClock(client)
const handOff: HandOff = { delay: 1_000, grace: 30_000, origin: 'here' }
const LONG = 3_600_000

let store: RedisStore
beforeEach(async () => {
  await clock.add(`${namespace}+store`)
  store = virtualStore(url, namespace)
  await store.open()
})
afterEach(async () => {
  await store.close()
  await removeKeys(url, `${namespace}+store`)
})
afterAll(() => client.disconnect())

let deliveries = 0
function delivered({ id, queue, name, payload, headers }: NewJob): ClaimedJob {
  const lease = { id, queue, token: `1:delivery ${++deliveries}` }
  return { lease, name, payload, headers, attempt: 1, failures: 0, crashes: 0, redrives: 0, enqueuedAt: 0 }
}

async function begin(jobs: readonly NewJob[], lease = 30_000): Promise<readonly ClaimedJob[]> {
  const claims = jobs.map(delivered)
  const begun = await store.begin(leasesOf(claims), lease)
  return claims.map((claim, index) => {
    const started = begun[index]!
    if (typeof started === 'string') throw new Error(`a job is ${started}`)
    expect(started).toMatchObject({ origin: 'here' })
    return { ...claim, lease: started.lease }
  })
}

const leasesOf = (claims: readonly ClaimedJob[]): readonly Lease[] => claims.map(({ lease }) => lease)

const settled = (claims: readonly ClaimedJob[], how: Outcome): readonly Settlement[] =>
  claims.map(({ lease }) => ({ ...how, lease }))

async function sentBy(call: () => Promise<unknown>): Promise<number> {
  const before = commandsSent()
  await call()
  return commandsSent() - before
}

/** Lets the records and tombstones of all that ended go: a few with each call, so several calls. */
async function sweepAll(): Promise<void> {
  for (let call = 0; call < 10; call++) {
    await clock.advance(2 * TOMBSTONE)
    expect(await store.due(100, 1_000)).toEqual([])
  }
}

describe('when all is over, nothing is left of', () => {
  const endings: Readonly<Record<string, Outcome>> = {
    'nothing kept': completed(),
    'a record shorter than the tombstone': completed(1_000, '"result"'),
    'a record longer than the tombstone': completed(10 * TOMBSTONE, '"result"'),
    'a death': dead(1_000),
    'a cancellation': { to: 'cancelled', keep: 1_000 },
  }
  const kinds: Readonly<Record<string, Partial<NewJob>>> = {
    'plain jobs': {},
    'unique jobs': { unique: { key: 'k' } },
    'unique jobs with a long window': { unique: { key: 'k', within: 20 * TOMBSTONE } },
    'jobs with everything': { unique: { key: 'k', within: 10 }, group: 'g', priority: 5, delay: 10_000, policy: '{}' },
  }
  const table = Object.entries(kinds).flatMap(([kind, more]) =>
    Object.entries(endings).map(([ending, how]) => [kind, ending, more, how] as const),
  )

  it.each(table)('%s that ended with %s', async (_kind, _ending, more, how) => {
    const { unique } = more
    const jobs = ['a', 'b', 'c'].map((id) => job(id, { ...more, ...(unique && { unique: { ...unique, key: id } }) }))
    await store.insert(jobs, handOff)
    await clock.advance(10_000)
    const first = await begin(jobs)
    await store.report(first.map(({ lease }) => ({ lease, begun: true, progress: '1', logs: ['"line"'] })))
    await store.apply(settled(first, { to: 'waiting', delay: 5_000, counts: 'failure', error: '"e"' }), handOff)
    // One is held back, one is given out, and the lease of one runs out.
    await clock.advance(5_000)
    await store.operate.pause('work')
    expect(await store.begin(leasesOf([delivered(jobs[0]!)]), 1_000)).toEqual(['paused'])
    await store.operate.resume('work')
    await store.due(100, 1_000)
    const second = await begin(jobs, 1_000)
    await clock.advance(2_000)
    expect(await store.due(100, 1_000)).toHaveLength(3)
    await store.apply(settled(second.slice(0, 2), how), handOff)
    const [third] = await begin(jobs.slice(2))
    await store.apply(settled([third!], how), handOff)
    expect(await store.operate.retry(['a'])).toEqual([how.to !== 'waiting' && how.keep > 0])
    await store.operate.remove(['a'])
    await sweepAll()
    expect(await entriesOf(client, `${namespace}+store`)).toBe(0)
  })
})

describe('a batch of jobs of one queue is one command', () => {
  const jobs = numbered(100).map((id) => job(id))
  beforeEach(async () => {
    // The server knows the queues and the scripts by now.
    const known = [job('known'), job('other', { queue: 'other' })]
    await store.insert(known, handOff)
    await store.sent(known.map(({ id }) => ({ id, sending: '' })))
    const claims = await begin(known)
    await store.extend([claims[0]!.lease], LONG)
    await store.report([{ lease: claims[0]!.lease, begun: true }])
    await store.apply(settled(claims, completed()), handOff)
    await store.due(1, 1_000)
  })

  it('to insert, to confirm, to begin, to extend, to report and to settle', async () => {
    const costs: Record<string, number> = {}
    costs['insert'] = await sentBy(() => store.insert(jobs, handOff))
    costs['sent'] = await sentBy(() => store.sent(jobs.map(({ id }) => ({ id, sending: '' }))))
    let claims: readonly ClaimedJob[] = []
    costs['begin'] = await sentBy(async () => (claims = await begin(jobs)))
    const leases = claims.map(({ lease }) => lease)
    costs['extend'] = await sentBy(() => store.extend(leases, LONG))
    costs['report'] = await sentBy(() => store.report(leases.map((lease) => ({ lease, progress: '1' }))))
    const outcomes = leases.map((lease, index) => ({
      ...completed(1_000),
      lease,
      then: [job(`${lease.id}-`, { queue: index % 2 === 0 ? 'work' : 'other' })],
    }))
    costs['apply'] = await sentBy(() => store.apply(outcomes, handOff))
    expect(costs).toEqual({ insert: 1, sent: 1, begin: 1, extend: 1, report: 1, apply: 1 })
  })

  it('to give out, besides one that asks for the queues, and one for each other queue', async () => {
    await store.insert(jobs, handOff)
    await clock.advance(handOff.grace + 1)
    let given = 0
    expect(await sentBy(async () => void (given = (await store.due(500, 1_000)).length))).toBe(1 + 2)
    expect(given).toBe(100)
  })

  it('to confirm what another process has sent, in each queue', async () => {
    const other = virtualStore(url, namespace)
    await other.open()
    await other.insert(jobs, handOff)
    expect(await sentBy(() => store.sent(jobs.map(({ id }) => ({ id, sending: '' }))))).toBe(1 + 2)
    await clock.advance(handOff.grace + 1)
    expect(await store.due(500, 1_000)).toEqual([])
    await other.close()
  })

  it('so that what ended together leaves together', async () => {
    await store.insert(jobs, handOff)
    await store.apply(settled(await begin(jobs), completed(1_000)), handOff)
    expect(await client.zcard(`{${namespace}+store:work}:completed`)).toBe(1)
  })
})

it('what ended one by one leaves as fast as it comes', async () => {
  for (let round = 0; round < 6; round++) {
    const jobs = numbered(100, `r${round}-`).map((id) => job(id))
    await store.insert(jobs, handOff)
    const claims = await begin(jobs)
    const outcomes = claims.map(({ lease }, index) => ({ ...completed(1_000 + index), lease }))
    await store.apply(outcomes, handOff)
    await clock.advance(2 * TOMBSTONE)
  }
  // Those of the last round, and of the one before as far as nobody has come by since.
  expect(await client.hlen(`{${namespace}+store:work}:jobs`)).toBeLessThanOrEqual(200)
})

it('each queue is the first to be asked as often as any other', async () => {
  const queues = ['a', 'b', 'c']
  for (const queue of queues)
    await store.insert(
      numbered(3, queue).map((id) => job(id, { queue })),
      handOff,
    )
  await clock.advance(handOff.grace + 1)
  const given: string[] = []
  for (let look = 0; look < 3; look++) given.push(...(await store.due(1, LONG)).map((unsent) => unsent.job.queue))
  expect(given.toSorted()).toEqual(queues)
})

it('large jobs are given out some at a time, and each of them', async () => {
  const payload = JSON.stringify('x'.repeat(1024 * 1024))
  await store.insert(
    numbered(10).map((id) => job(id, { payload })),
    handOff,
  )
  await clock.advance(handOff.grace + 1)
  const given: string[] = []
  for (const expected of [4, 4, 2, 0]) {
    const unsent = await store.due(500, LONG)
    expect(unsent).toHaveLength(expected)
    given.push(...unsent.map((each) => each.job.id))
  }
  expect(given).toEqual(numbered(10))
})

it('tokens are those of whoever claims, whatever they look like', async () => {
  const tokens = ['-', '1', 'a b\nc', '%MQ', 's:1', '1:é€', `1:${'AQEB/+='.repeat(100)}`]
  const jobs = tokens.map((_, index) => job(`j${index}`))
  await store.insert(jobs, handOff)
  const claims = jobs.map((each, index) => {
    const claim = delivered(each)
    return { ...claim, lease: { ...claim.lease, token: tokens[index]! } }
  })
  expect(await store.apply(settled(claims, completed()), handOff)).toEqual(tokens.map(() => 'lost'))
  const begun = await store.begin(leasesOf(claims), 30_000)
  const own = begun.map((each, index) => ({ ...claims[index]!, lease: (each as Started).lease }))
  expect(own.map(({ lease }) => lease.token)).toEqual(tokens.map((token) => `1:${token}`))
  await store.apply(settled(own, { to: 'waiting', delay: 500, counts: 'nothing' }), handOff)
  await clock.advance(1_000)
  const unsent = await store.due(100, 1_000)
  expect(unsent).toHaveLength(tokens.length)
  await store.sent(unsent.map((each) => ({ id: each.job.id, sending: each.sending })))
  await clock.advance(2_000)
  expect(await store.due(100, 1_000)).toEqual([])
})

it('a backend and a store with the same namespace do not see each other', async () => {
  const [backend, own] = [redisBackend({ url, namespace }), redisStore({ url, namespace })]
  await Promise.all([backend.open(), own.open()])
  await own.insert([job('stored')], handOff)
  await backend.enqueue([job('moved')])
  const ids = ['stored', 'moved']
  expect((await own.inspect.find(ids)).map((each) => each?.id)).toEqual(['stored', undefined])
  expect((await backend.inspect.find(ids)).map((each) => each?.id)).toEqual([undefined, 'moved'])
  await Promise.all([backend.close(), own.close()])
  await removeKeys(url, namespace)
})

it('an option that is none of a store is told so', () => {
  const options = { url, prefix: 'shop-' }
  expect(() => redisStore(options)).toThrow('is no option of redisStore')
})
