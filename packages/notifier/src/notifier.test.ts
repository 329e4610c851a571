import {
  createQueue,
  createWorker,
  defineJob,
  handle,
  memoryBackend,
  RetryLater,
  type,
  Unrecoverable,
} from '@jobport/core'
import { NOTIFICATION_QUEUE } from '@jobport/core/notify'
import { VirtualClock } from '@jobport/core/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  createNotifier,
  memoryChannel,
  type Channel,
  type Delivery,
  type Message,
  type NotifierOptions,
} from './index.ts'

const resize = defineJob('media.resize', {
  input: type<{ readonly fail?: string }>(),
  output: type<{ readonly path: string }>(),
  retry: { retries: 0 },
  notify: [
    { on: 'dead', to: { role: 'admins' } },
    { on: 'finished', to: (job) => ({ user: job.headers.user! }) },
  ],
})

/** A backend whose time stands still, with a worker for `resize` and a notifier. */
async function stage(options: NotifierOptions) {
  const clock = new VirtualClock()
  const runtime = { clock }
  const backend = memoryBackend({ clock })
  const queue = createQueue(backend, { runtime })
  const worker = createWorker(
    backend,
    [
      handle(resize, ({ fail }) => {
        if (fail !== undefined) throw new Error(fail)
        return { path: '/a.webp' }
      }),
    ],
    { runtime },
  )
  const notifier = createNotifier(backend, { ...options, runtime })
  onTestFinished(async () => {
    const closed = Promise.all([worker.close(), notifier.close(), queue.close()])
    await clock.advance(60_000)
    await closed
  })
  await worker.start()
  await notifier.start()
  return { clock, backend, queue, notifier }
}

function channel(deliver: Channel['deliver']): Channel {
  return { deliver: vi.fn<Channel['deliver']>(deliver) }
}

function failing(error = new Error('no answer')): Channel {
  return channel(async () => {
    throw error
  })
}

describe('a notifier', () => {
  it('delivers the notification of a completed job with its result', async () => {
    const inbox = memoryChannel()
    const { clock, queue } = await stage({ channels: { inbox } })
    const { id } = await queue.enqueue(resize, {}, { headers: { user: 'ada' } })
    await clock.advance(0)
    expect(inbox.messages).toHaveLength(1)
    expect(inbox.messages[0]).toMatchObject({
      to: { user: 'ada' },
      event: 'completed',
      subject: 'media.resize is completed',
      notification: { job: { id, headers: { user: 'ada' } }, result: { path: '/a.webp' } },
    })
    expect(inbox.messages[0]!.id).toMatch(new RegExp(`^${id}:completed:`))
  })

  it('tells the administrators and the user of a dead job, with the error', async () => {
    const inbox = memoryChannel()
    const { clock, queue } = await stage({ channels: { inbox } })
    await queue.enqueue(resize, { fail: 'not an image' }, { headers: { user: 'ada' } })
    await clock.advance(0)
    expect(inbox.messages.map(({ to }) => to)).toEqual(expect.arrayContaining([{ role: 'admins' }, { user: 'ada' }]))
    expect(inbox.messages).toHaveLength(2)
    expect(inbox.messages[0]!.text).toContain('Error: not an image')
  })

  it('never notifies about a notification', async () => {
    const { clock, queue, backend, notifier } = await stage({ channels: { broken: failing() }, retry: { retries: 0 } })
    notifier.on('undeliverable', () => {})
    await queue.enqueue(resize, {}, { headers: { user: 'ada' } })
    await clock.advance(3_600_000)
    expect(await backend.inspect.counts(NOTIFICATION_QUEUE)).toMatchObject({
      dead: 1,
      completed: 0,
      waiting: 0,
      scheduled: 0,
    })
  })

  it('is done with a notification that is routed to nobody', async () => {
    const inbox = memoryChannel()
    const { clock, queue, backend } = await stage({ channels: { inbox }, route: () => [] })
    await queue.enqueue(resize, {}, { headers: { user: 'ada' } })
    await clock.advance(0)
    expect(inbox.messages).toEqual([])
    expect(await backend.inspect.counts(NOTIFICATION_QUEUE)).toMatchObject({ completed: 1, waiting: 0 })
  })
})

describe('a route', () => {
  it('is by default the channel that the recipient names, else the first', async () => {
    const [log, email] = [memoryChannel(), memoryChannel()]
    const picky = defineJob('media.pick', {
      input: type<object>(),
      notify: [{ on: 'finished', to: [{ user: 'ada', channel: 'email' }, { user: 'grace' }] }],
    })
    const { clock, queue, backend } = await stage({ channels: { log, email } })
    const worker = createWorker(backend, [handle(picky, () => {})], { runtime: { clock }, queues: ['default'] })
    onTestFinished(() => worker.close())
    await worker.start()
    await queue.enqueue(picky, {})
    await clock.advance(5_000)
    expect(log.messages.map(({ to }) => to.user)).toEqual(['grace'])
    expect(email.messages.map(({ to }) => to.user)).toEqual(['ada'])
  })

  it('to several channels makes a job for each, so only the one that fails is tried again', async () => {
    const inbox = memoryChannel()
    let down = true
    const pager = channel(() => {
      if (down) throw new Error('down')
    })
    const { clock, queue, notifier } = await stage({
      channels: { inbox, pager },
      route: () => ['inbox', 'pager', 'inbox'],
    })
    const delivered: (string | undefined)[] = []
    notifier.on('delivered', (delivery) => delivered.push(delivery.channel))
    await queue.enqueue(resize, {}, { headers: { user: 'ada' } })
    await clock.advance(10_000)
    down = false
    await clock.advance(60_000)
    expect(inbox.messages).toHaveLength(1)
    expect(delivered).toEqual(['inbox', 'pager'])
    const calls = vi.mocked(pager.deliver).mock.calls
    expect(calls.length).toBeGreaterThan(2)
    expect(new Set(calls.map(([{ id }]) => id))).toEqual(new Set([inbox.messages[0]!.id]))
    expect(calls.map(([, { attempt }]) => attempt)).toEqual(calls.map((_, index) => index + 1))
  })

  it('to a channel that does not exist is tried again, for a newer version may know it', async () => {
    const inbox = memoryChannel()
    let route = 'sms'
    const { clock, queue, notifier } = await stage({ channels: { inbox }, route: () => route })
    const delays: [Delivery, unknown][] = []
    notifier.on('delayed', (delivery, { error }) => delays.push([delivery, error]))
    await queue.enqueue(resize, {}, { headers: { user: 'ada' } })
    await clock.advance(0)
    expect(delays).toHaveLength(1)
    expect(delays[0]![0].channel).toBeUndefined()
    expect(delays[0]![1]).toMatchObject({ message: 'route: there is no channel "sms"; there are inbox' })
    route = 'inbox'
    await clock.advance(2_000)
    expect(inbox.messages).toHaveLength(1)
  })
})

describe('a delivery that fails', () => {
  it('is tried again with growing delays, 15 times, then dead and told', async () => {
    const broken = failing()
    const { clock, queue, backend, notifier } = await stage({ channels: { broken } })
    const delays: number[] = []
    const given: Delivery[] = []
    notifier.on('delayed', (_, { retryIn }) => delays.push(retryIn))
    notifier.on('undeliverable', (delivery) => given.push(delivery))
    const { id } = await queue.enqueue(resize, {}, { headers: { user: 'ada' } })
    await clock.advance(3 * 3_600_000)
    expect(broken.deliver).toHaveBeenCalledTimes(16)
    expect(delays).toHaveLength(15)
    expect(delays.at(-1)).toBeGreaterThan(delays[0]! * 100)
    expect(given).toHaveLength(1)
    expect(given[0]).toMatchObject({ channel: 'broken', notification: { to: { user: 'ada' }, job: { id } } })
    expect(await backend.inspect.counts(NOTIFICATION_QUEUE)).toMatchObject({ dead: 1 })
  })

  it('can be sent again by an operator', async () => {
    let down = true
    const received: Message[] = []
    const flaky = channel((message) => {
      if (down) throw new Error('down')
      received.push(message)
    })
    const { clock, queue, backend, notifier } = await stage({ channels: { flaky }, retry: { retries: 0 } })
    notifier.on('undeliverable', () => {})
    await queue.enqueue(resize, {}, { headers: { user: 'ada' } })
    await clock.advance(0)
    const { jobs } = await backend.inspect.list({ queue: NOTIFICATION_QUEUE, state: 'dead', limit: 10 })
    down = false
    expect(await backend.operate.retry(jobs.map(({ id }) => id))).toEqual([true])
    await clock.advance(0)
    expect(received).toHaveLength(1)
  })

  it.each([
    ['Unrecoverable ends it at once', new Unrecoverable('no such user'), 1],
    ['RetryLater sets the delay', new RetryLater('10m'), 6],
  ])('%s', async (_, error, calls) => {
    const broken = failing(error)
    const { clock, queue, notifier } = await stage({ channels: { broken } })
    notifier.on('undeliverable', () => {})
    await queue.enqueue(resize, {}, { headers: { user: 'ada' } })
    await clock.advance(55 * 60_000)
    expect(broken.deliver).toHaveBeenCalledTimes(calls)
  })

  it('is aborted by its timeout', async () => {
    const reasons: unknown[] = []
    const slow = channel(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason)
            reject(signal.reason as Error)
          })
        }),
    )
    const { clock, queue, notifier } = await stage({ channels: { slow }, timeout: '2s', retry: { retries: 0 } })
    const given: unknown[] = []
    notifier.on('undeliverable', (_, { error }) => given.push(error))
    await queue.enqueue(resize, {}, { headers: { user: 'ada' } })
    await clock.advance(30_000)
    expect(reasons).toMatchObject([{ code: 'job-timeout' }])
    expect(given).toMatchObject([{ code: 'job-timeout' }])
  })

  it('is printed when nobody listens, and a listener that throws harms nobody', async () => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => print.mockRestore())
    const { clock, queue, notifier } = await stage({ channels: { broken: failing() }, retry: { retries: 0 } })
    await queue.enqueue(resize, {}, { headers: { user: 'ada' } })
    await clock.advance(0)
    expect(print.mock.calls[0]![0]).toContain('is undeliverable by broken; its job is dead')
    notifier.on('undeliverable', () => {
      throw new Error('listener')
    })
    await queue.enqueue(resize, {}, { headers: { user: 'ada' } })
    await clock.advance(0)
    expect(print.mock.calls[1]![0]).toContain('a listener of "undeliverable" threw')
  })
})

describe('templates', () => {
  it('are found by job name and event, then for all jobs, then there is a plain one', async () => {
    const inbox = memoryChannel()
    const { clock, queue } = await stage({
      channels: { inbox },
      templates: {
        'media.resize': { completed: ({ job }) => ({ subject: `Ready, ${job.headers.user}`, text: 'Have a look.' }) },
        '*': { dead: ({ error }) => ({ subject: 'Sorry', text: error!.message }) },
      },
    })
    await queue.enqueue(resize, {}, { headers: { user: 'ada' } })
    await clock.advance(0)
    expect(inbox.messages[0]).toMatchObject({ subject: 'Ready, ada', text: 'Have a look.' })
    expect(inbox.messages[0]!.notification.result).toEqual({ path: '/a.webp' })
    await queue.enqueue(resize, { fail: 'not an image' }, { headers: { user: 'ada' } })
    await clock.advance(0)
    expect(inbox.messages[1]).toMatchObject({ subject: 'Sorry', text: 'not an image' })
  })

  it('that throw delay the message until they are mended', async () => {
    const inbox = memoryChannel()
    let broken = true
    const { clock, queue } = await stage({
      channels: { inbox },
      templates: {
        '*': () => {
          if (broken) throw new Error('typo')
          return { subject: 's', text: 't' }
        },
      },
    })
    await queue.enqueue(resize, {}, { headers: { user: 'ada' } })
    await clock.advance(0)
    expect(inbox.messages).toHaveLength(0)
    broken = false
    await clock.advance(2_000)
    expect(inbox.messages).toHaveLength(1)
  })
})

describe('closing', () => {
  it('closes the channels', async () => {
    const close = vi.fn<() => Promise<void>>(() => Promise.resolve())
    const { notifier } = await stage({ channels: { inbox: { deliver: () => {}, close } } })
    await notifier.close()
    expect(close).toHaveBeenCalledTimes(1)
  })

  it('closes them after run() as well', async () => {
    const close = vi.fn<() => Promise<void>>(() => Promise.resolve())
    const notifier = createNotifier(memoryBackend(), { channels: { inbox: { deliver: () => {}, close } } })
    const run = notifier.run({ signals: [] })
    await notifier.close()
    await run
    expect(close).toHaveBeenCalled()
  })
})

describe('options', () => {
  it.each([
    ['no channel', { channels: {} }, 'channels: is empty'],
    ['something that is no channel', { channels: { a: {} } }, 'channels.a: is not a channel'],
    ['a name that no job could have', { channels: { 'a b': memoryChannel() } }, 'channels: '],
    ['an unknown option', { channels: { a: memoryChannel() }, concurency: 3 }, 'did you mean "concurrency"?'],
  ])('refuse %s', (_, options, message) => {
    expect(() => createNotifier(memoryBackend(), options as unknown as NotifierOptions)).toThrow(message)
  })
})
