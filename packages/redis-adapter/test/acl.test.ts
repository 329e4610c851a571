import { createQueue, createWorker, defineJob, handle, type } from '@jobport/core'
import { isBackendFailure, type NewJob } from '@jobport/core/adapter'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { redisBackend, type RedisBackend } from '../src/index.ts'
import { makeScripts } from '../src/scripts/scripts.ts'
import { makeUser, rulesOf, type Role } from './acl.ts'
import { removeKeys, serverUrl } from './harness.ts'

const url = serverUrl()
const namespace = 'rights'
const never = new AbortController().signal
const job: NewJob = { id: 'a', queue: 'work', name: 'n', payload: '1', headers: {} }
const request = { queue: 'work', limit: 10, lease: 30_000, wait: 0 }
const keys = `~{${namespace}:*}:*`

let admin: Redis
let last = 0
const users: string[] = []
const opened: RedisBackend[] = []

beforeAll(() => {
  admin = new Redis(url)
})
afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close()
  if (users.length > 0) await admin.acl('DELUSER', ...users.splice(0))
  await removeKeys(url, namespace)
})
afterAll(() => admin.disconnect())

/** A backend as a user with the rights of a role and what is changed of them, not yet open, and the user's name. */
async function as(role: Role, ...changes: readonly string[]): Promise<{ backend: RedisBackend; user: string }> {
  const user = `${role}-${++last}`
  users.push(user)
  const own = await makeUser(admin, url, user, [...rulesOf(role, namespace), ...changes])
  const backend = redisBackend({ url: own, namespace, warn: () => {} })
  opened.push(backend)
  return { backend, user }
}

async function openAs(role: Role, ...changes: readonly string[]): Promise<{ backend: RedisBackend; user: string }> {
  const { backend, user } = await as(role, ...changes)
  await backend.open()
  return { backend, user }
}

const denied = (right: string): object => ({
  code: 'denied',
  outcome: 'none',
  retryable: false,
  message: expect.stringContaining(right),
})

describe('a worker', () => {
  it('has the rights that the scripts need, and no command that nothing needs', () => {
    const has = new Set(rulesOf('worker', namespace).filter((rule) => rule.startsWith('+')))
    const needed = new Set(Object.values(makeScripts()).flatMap(({ commands }) => commands))
    const besides =
      'evalsha eval info ping time client|setname subscribe psubscribe xrange set sadd smembers zrange zrem'
    expect(has).toEqual(new Set([...needed, ...besides.split(' ')].map((command) => `+${command.toLowerCase()}`)))
  })

  it.each([
    'HGET other a',
    'HGET {other:work}:jobs a',
    'HGET {rights2:work}:jobs a',
    'SADD rights2:queues a',
    'SADD rights:other a',
    'FLUSHALL',
    'KEYS *',
    'CONFIG GET *',
    'SCRIPT FLUSH',
    'SHUTDOWN',
    'ACL LIST',
  ])('may not %s', async (command) => {
    const { user } = await openAs('worker')
    expect(await admin.acl('DRYRUN', user, ...(command.split(' ') as [string]))).toContain('no permissions')
  })

  it('without a right is told so before anything is changed, and may go on once it has it', async () => {
    const { backend: producer } = await openAs('producer')
    await producer.enqueue([job])
    // The jobs would be out of the line by then, and leased to nobody.
    const { backend, user } = await openAs('worker', '-hincrby')
    await expect(backend.claim(request, never)).rejects.toMatchObject(denied('+hincrby'))
    expect(await admin.lrange(`{${namespace}:work}:ready`, 0, -1)).toEqual(['a'])
    await admin.acl('SETUSER', user, '+hincrby')
    expect(await backend.claim(request, never)).toHaveLength(1)
  })

  it('whose rights are taken away while it is open is told so, and that something may have been done', async () => {
    const { backend, user } = await openAs('worker')
    await backend.enqueue([job])
    await admin.acl('SETUSER', user, '-zadd')
    await expect(backend.claim(request, never)).rejects.toMatchObject({ code: 'denied', outcome: 'unknown' })
  })
})

describe('a user without the right', () => {
  it.each([
    ['+evalsha', '-evalsha'],
    ['+info', '-info'],
    ['+rpush', '-rpush'],
    ['+publish', 'resetchannels'],
    ['~{<namespace>:*', 'resetkeys'],
  ])('%s cannot open, and is told so', async (right, change) => {
    const { backend } = await as('worker', change)
    await expect(backend.open()).rejects.toMatchObject(
      denied(right.replace('+info', "'info'").replace('+evalsha', "'evalsha'")),
    )
  })

  it('to listen is told so by the first claim that waits, and by watch', async () => {
    const { backend } = await openAs('worker', '-subscribe', '-psubscribe')
    await expect(backend.claim({ ...request, wait: 1_000 }, never)).rejects.toMatchObject(denied('subscribe'))
    await expect(backend.inspect.watch(() => {})).rejects.toMatchObject(denied('psubscribe'))
  })

  it('to the set of queues is told which key that is', async () => {
    const { backend } = await openAs('worker', 'resetkeys', keys)
    await expect(backend.enqueue([job])).rejects.toMatchObject(denied('<namespace>:queues'))
  })
})

describe('a producer', () => {
  const noop = defineJob('noop', { queue: 'work', input: type<number>() })

  it('enqueues in every way, and wakes who waits', async () => {
    const { backend } = await openAs('producer')
    const { backend: worker } = await openAs('worker')
    const waiting = worker.claim({ ...request, wait: 10_000 }, never)
    await expect.poll(() => admin.exists(`{${namespace}:work}:waiters`)).toBe(1)
    const jobs: NewJob[] = [
      job,
      { ...job, id: 'b', priority: 3 },
      { ...job, id: 'c', delay: 60_000 },
      { ...job, id: 'd', unique: { key: 'k', within: 60_000 } },
      { ...job, id: 'e', group: 'g' },
      { ...job, id: 'f', unique: { key: 'k' } },
    ]
    expect((await backend.enqueue(jobs)).map(({ status }) => status)).toEqual([
      ...Array.from({ length: 5 }, () => 'enqueued'),
      'duplicate',
    ])
    expect((await waiting).length).toBeGreaterThan(0)
  })

  it('serves a queue whose worker is another user', async () => {
    const { backend } = await openAs('producer')
    const { backend: other } = await openAs('worker')
    const done: string[] = []
    const worker = createWorker(other, [handle(noop, (_, { job: { id } }) => void done.push(id))])
    await worker.start()
    const queue = createQueue(backend)
    const { id } = await queue.enqueue(noop, 1)
    await expect.poll(() => done).toEqual([id])
    await worker.close()
    await queue.close()
  })

  it('may do nothing else', async () => {
    const { backend } = await openAs('producer')
    await backend.enqueue([job])
    const lease = { id: 'a', queue: 'work', token: '1:x' }
    const others: Readonly<Record<string, () => Promise<unknown>>> = {
      claim: () => backend.claim(request, never),
      settle: () => backend.settle([{ lease, to: 'completed', keep: 0 }]),
      extend: () => backend.extend([lease], 1_000),
      find: () => backend.inspect.find(['a']),
      list: () => backend.inspect.list({ queue: 'work', state: 'waiting', limit: 1 }),
      counts: () => backend.inspect.counts('work'),
      cancel: () => backend.operate.cancel([{ id: 'a', keep: 0 }]),
      remove: () => backend.operate.remove(['a']),
      pause: () => backend.operate.pause('work'),
    }
    const allowed: string[] = []
    for (const [verb, call] of Object.entries(others)) {
      const error: unknown = await call().catch((reason: unknown) => reason)
      if (!isBackendFailure(error) || error.code !== 'denied' || error.outcome !== 'none') allowed.push(verb)
    }
    expect(allowed).toEqual([])
    expect(await admin.lrange(`{${namespace}:work}:ready`, 0, -1)).toEqual(['a'])
  })
})
