import { createQueue, createWorker, defineJob, handle, memoryBackend, type, type MemoryBackend } from '@jobport/core'
import { NOTIFICATION_QUEUE, UPKEEP_QUEUE } from '@jobport/core/notify'
import { VirtualClock } from '@jobport/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createNotifier, memoryChannel, type NotifierOptions, type StormOptions } from '../index.ts'
import { fingerprint } from './fingerprint.ts'
import { sampleNotification } from '../../test/message.ts'

interface Input {
  readonly error: string
  readonly critical?: true
}

const options = {
  input: type<Input>(),
  queue: 'work',
  retry: { retries: 0 },
  notify: [
    { on: 'dead', to: { role: 'admins' } },
    { on: 'dead', to: (job) => (job.headers.user === undefined ? undefined : { user: job.headers.user }) },
    { on: 'dead', to: (job) => (job.headers.page === undefined ? undefined : { role: 'pager' }), severity: 'critical' },
  ],
} satisfies Parameters<typeof defineJob>[1]
const encode = defineJob('media.encode', options)
const poster = defineJob('media.poster', options)

function fail({ error }: Input): never {
  throw new Error(error)
}

async function stage(storm: StormOptions, more: Partial<NotifierOptions> = {}) {
  const clock = new VirtualClock()
  const runtime = { clock }
  const backend = memoryBackend({ clock })
  const queue = createQueue(backend, { runtime })
  const worker = createWorker(backend, [handle(encode, fail), handle(poster, fail)], { runtime })
  const inbox = memoryChannel()
  const hire = async () => {
    const notifier = createNotifier(backend, { channels: { inbox }, storm, runtime, lease: '10s', ...more })
    notifier.on('undeliverable', () => {})
    onTestFinished(async () => {
      const closed = notifier.close()
      await clock.advance(60_000)
      await closed
    })
    await notifier.start()
    return notifier
  }
  onTestFinished(async () => {
    const closed = Promise.all([worker.close(), queue.close()])
    await clock.advance(60_000)
    await closed
  })
  await worker.start()
  const notifier = await hire()
  const die = async (count: number, error = 'no stream', headers = {}, definition = encode) => {
    await queue.enqueueMany(
      definition,
      Array.from({ length: count }, () => ({ input: { error }, options: { headers } })),
    )
    await clock.advance(100)
  }
  /** What a recipient has been told of, one by one and in digests. */
  const counted = (): number => {
    const digests = new Map(inbox.messages.map(({ id, notification }) => [id, notification.digest?.count ?? 1]))
    return [...digests.values()].reduce((sum, count) => sum + count, 0)
  }
  return { clock, backend, queue, inbox, notifier, hire, die, counted }
}

async function open(backend: MemoryBackend): Promise<number> {
  const counts = await Promise.all([NOTIFICATION_QUEUE, UPKEEP_QUEUE].map((queue) => backend.inspect.counts(queue)))
  return counts.reduce((sum, { waiting, scheduled, active }) => sum + waiting + scheduled + active, 0)
}

describe('in a storm', () => {
  it('one passes, and a digest counts the others at the end of the window', async () => {
    const { clock, backend, inbox, die } = await stage({ window: '5m' })
    await die(38)
    expect(inbox.messages).toHaveLength(1)
    expect(inbox.messages[0]!.notification.digest).toBeUndefined()
    await clock.advance(5 * 60_000)
    expect(inbox.messages).toHaveLength(2)
    const { subject, text, notification, severity } = inbox.messages[1]!
    expect(subject).toBe('37 more jobs of media.encode died in 5 minutes')
    expect(severity).toBe('error')
    expect(text).toContain('Error: no stream')
    expect(notification.digest).toMatchObject({
      count: 37,
      window: 300_000,
      groups: [{ name: 'media.encode', count: 37 }],
    })
    await clock.advance(60_000)
    expect(await open(backend)).toBe(0)
    expect(inbox.messages).toHaveLength(2)
  })

  it('each kind of error passes once, and one digest counts all kinds', async () => {
    const { clock, inbox, die } = await stage({ window: '5m' })
    await die(4, 'no stream 17')
    await die(3, 'out of disk')
    await die(3, 'no stream 18', {}, poster)
    expect(inbox.messages).toHaveLength(3)
    await clock.advance(5 * 60_000)
    expect(inbox.messages).toHaveLength(4)
    expect(inbox.messages[3]!.subject).toBe(
      '7 more in 5 minutes: 5 more jobs of media.encode died, 2 more jobs of media.poster died',
    )
  })

  it('no more than the limit pass, of whatever kind', async () => {
    const { clock, inbox, die, counted } = await stage({ window: '5m', limit: 3 })
    for (const error of ['a', 'b', 'c', 'd', 'e']) await die(1, error)
    expect(inbox.messages).toHaveLength(3)
    await clock.advance(5 * 60_000)
    expect(inbox.messages).toHaveLength(4)
    expect(counted()).toBe(5)
  })

  it('users are told one by one, and what is critical passes', async () => {
    const { inbox, die } = await stage({ window: '5m' })
    await die(5, 'x', { user: 'ada', page: '1' })
    const told = (key: string, value: string): number => inbox.messages.filter(({ to }) => to[key] === value).length
    expect([told('user', 'ada'), told('role', 'pager'), told('role', 'admins')]).toEqual([5, 5, 1])
  })

  it('a new window begins with one that passes', async () => {
    const { clock, inbox, die, counted } = await stage({ window: '1m' })
    await die(3)
    await clock.advance(120_000)
    await die(3)
    expect(inbox.messages.map(({ notification }) => notification.digest?.count)).toEqual([undefined, 2, undefined])
    await clock.advance(120_000)
    expect(counted()).toBe(6)
  })
})

describe('nothing that was folded is lost', () => {
  it('when all notifiers are replaced in the middle of a window', async () => {
    const { clock, inbox, notifier, hire, die, counted } = await stage({ window: '5m' })
    await die(20)
    const closing = notifier.close()
    await clock.advance(1_000)
    await closing
    await die(10)
    await hire()
    await clock.advance(6 * 60_000)
    expect(counted()).toBe(30)
    expect(inbox.messages.length).toBeLessThan(5)
  })

  it('when the digest is dropped', async () => {
    const { clock, backend, die, counted } = await stage({ window: '5m' })
    await die(20)
    const { jobs } = await backend.inspect.list({
      queue: UPKEEP_QUEUE,
      state: 'scheduled',
      name: 'jobport.notification-digest',
      limit: 9,
    })
    expect(jobs).toHaveLength(1)
    await backend.operate.remove(jobs.map(({ id }) => id))
    await clock.advance(10 * 60_000)
    expect(counted()).toBe(20)
    expect(await open(backend)).toBe(0)
  })

  it('when the notifier dies after the digest was made and before what is in it was removed', async () => {
    const { clock, backend, die, counted } = await stage({ window: '5m' })
    await die(20)
    const { remove } = backend.operate
    let refused = 0
    backend.operate.remove = async () => {
      refused++
      throw new Error('killed')
    }
    await clock.advance(5 * 60_000)
    backend.operate.remove = remove
    expect(refused).toBeGreaterThan(0)
    await clock.advance(10 * 60_000)
    expect(counted()).toBeGreaterThanOrEqual(20)
    expect(await open(backend)).toBe(0)
  })

  it('when digests cannot be delivered for a while', async () => {
    const inbox = memoryChannel()
    let down = false
    const flaky = {
      deliver: (...args: Parameters<typeof inbox.deliver>) => {
        if (down) throw new Error('down')
        return inbox.deliver(...args)
      },
    }
    const { clock, die } = await stage({ window: '1m' }, { channels: { flaky } })
    await die(10)
    down = true
    await clock.advance(3 * 60_000)
    down = false
    await clock.advance(30 * 60_000)
    expect(inbox.messages.map(({ notification }) => notification.digest?.count)).toEqual([undefined, 9])
  })
})

it('is told of in the attempts', async () => {
  const { notifier, die } = await stage({})
  const statuses: string[] = []
  notifier.on('attempt', ({ status }) => statuses.push(status))
  await die(3)
  expect(statuses.toSorted()).toEqual(['delivered', 'folded', 'folded'])
})

function of(message: string): string {
  return fingerprint(sampleNotification({ error: { name: 'Error', message } }))
}

it('an error is of one kind whatever ids, numbers and values its message names', () => {
  expect(of('job 7 of 0190a6f2-0000-7000-8000-000000000001 took 3.5 s')).toBe(
    of('job 8123 of 0190a6f2-aaaa-7000-8000-00000000ffff took 12 s'),
  )
  expect(of(`cannot read 'a.avi' from https://a.example/1`)).toBe(of(`cannot read 'b.avi' from https://b.example/2?x`))
  expect(of('at 0xdeadbeef in 4bf92f3577b34da6')).toBe(of('at 0xcafe in 00f067aa0ba902b7'))
  expect(of('disk full')).not.toBe(of('no stream'))
})

it('is refused where it cannot work', () => {
  const memory = memoryBackend()
  const bare = Object.create(memory, { features: { value: { ...memory.features, unique: false } } }) as MemoryBackend
  expect(() => createNotifier(bare, { channels: { inbox: memoryChannel() }, storm: {} })).toThrow('storm control')
  expect(() => createNotifier(memory, { channels: { inbox: memoryChannel() }, storm: { limit: 0 } })).toThrow(
    'storm.limit',
  )
})
