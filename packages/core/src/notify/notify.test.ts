import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  createQueue,
  createWorker,
  defineJob,
  fixed,
  handle,
  memoryBackend,
  OptionError,
  Snooze,
  type,
  type NotifyRule,
  type WorkerOptions,
} from '../index.ts'
import { createNotificationWorker, NOTIFICATION_QUEUE, type Notification } from '../notify.ts'
import { VirtualClock } from '../testing.ts'

const admins = { role: 'admins' }

async function stage(
  rules: readonly NotifyRule[],
  run: (input: string, attempt: number) => void,
  options: WorkerOptions = {},
) {
  const clock = new VirtualClock()
  const runtime = { clock }
  const backend = memoryBackend({ clock })
  const job = defineJob('encode', {
    input: type<string>(),
    queue: 'videos',
    retry: { retries: 3, backoff: fixed('1s') },
    notify: rules,
  })
  const queue = createQueue(backend, { runtime })
  const worker = createWorker(backend, [handle(job, (input, { job: { attempt } }) => run(input, attempt))], {
    ...options,
    runtime,
  })
  onTestFinished(async () => {
    const closed = Promise.all([worker.close(), queue.close()])
    await clock.advance(60_000)
    await closed
  })
  const told = async (): Promise<readonly Notification[]> => {
    const pages = await Promise.all(
      (['waiting', 'scheduled'] as const).map((state) =>
        backend.inspect.list({ queue: NOTIFICATION_QUEUE, state, limit: 100 }),
      ),
    )
    return pages.flatMap(({ jobs }) => jobs).map(({ payload }) => JSON.parse(payload) as Notification)
  }
  return { clock, backend, job, queue, worker, told }
}

const fails = (times: number) => (_: string, attempt: number) => {
  if (attempt <= times) throw new TypeError(`attempt ${attempt}`)
}

describe('a rule on retrying', () => {
  it('tells of the failure it names, once, with the error and when the next attempt comes', async () => {
    const { clock, job, queue, worker, told } = await stage([{ on: 'retrying', after: 2, to: admins }], fails(3))
    await worker.start()
    const { id } = await queue.enqueue(job, 'a.avi')
    await clock.advance(500)
    expect(await told()).toEqual([])
    await clock.advance(10_000)
    expect(await told()).toMatchObject([
      {
        id: expect.stringMatching(new RegExp(`^${id}:retrying-2:`)),
        event: 'retrying',
        severity: 'warning',
        to: admins,
        job: { id, failures: 1 },
        error: { name: 'TypeError', message: 'attempt 2' },
        retryIn: 1_000,
      },
    ])
  })

  it('says nothing of a job that is dead instead, nor of a snooze', async () => {
    const { clock, job, queue, worker, told } = await stage([{ on: 'retrying', after: 4, to: admins }], (input, n) => {
      if (input === 'later' && n === 1) throw new Snooze('1s')
      if (input === 'broken') throw new Error('no')
    })
    await worker.start()
    await queue.enqueue(job, 'broken')
    await queue.enqueue(job, 'later')
    await clock.advance(10_000)
    expect(await told()).toEqual([])
  })
})

describe('a rule on stalled', () => {
  it('tells at once when a claim takes over an expired lease, once for each crash', async () => {
    const never = new Promise<void>(() => {})
    const rules: NotifyRule[] = [{ on: 'stalled', to: admins }]
    const { clock, backend, job, queue, worker, told } = await stage(rules, fails(0))
    const hanging = createWorker(backend, [handle(job, () => never)], { lease: '30s', runtime: { clock } })
    onTestFinished(() => hanging.close({ grace: 0 }))
    await backend.open()
    const { id } = await queue.enqueue(job, 'a.avi')
    await backend.claim({ queue: 'videos', limit: 1, lease: 5_000, wait: 0 }, new AbortController().signal)
    await clock.advance(6_000)
    await hanging.start()
    await clock.advance(100)
    expect(hanging.running).toBe(1)
    expect(await told()).toMatchObject([{ id: expect.stringMatching(`^${id}:stalled-1:`), event: 'stalled' }])
    const closing = hanging.close({ grace: 0 })
    await clock.advance(20_000)
    await closing
    await worker.start()
    await clock.advance(10_000)
    expect((await backend.inspect.find([id]))[0]?.state).toBe('completed')
    expect(await told()).toHaveLength(1)
  })

  it('tells it with the outcome when it could not be told at once', async () => {
    const { clock, backend, job, queue, worker, told } = await stage([{ on: 'stalled', to: admins }], fails(0))
    worker.on('error', () => {})
    await backend.open()
    await queue.enqueue(job, 'a.avi')
    await backend.claim({ queue: 'videos', limit: 1, lease: 5_000, wait: 0 }, new AbortController().signal)
    await clock.advance(6_000)
    const enqueue = vi.spyOn(backend, 'enqueue').mockRejectedValue(new Error('away'))
    await worker.start()
    await clock.advance(1_000)
    expect(enqueue).toHaveBeenCalledTimes(1)
    expect(await told()).toMatchObject([{ event: 'stalled' }])
  })
})

describe('rules of a worker', () => {
  it('hold for all its jobs, or for those of some queues', async () => {
    const { clock, job, queue, worker, told } = await stage([], fails(9), {
      notify: [
        { on: 'dead', to: admins, queues: ['videos'] },
        { on: 'finished', to: { user: 'x' }, queues: ['images'] },
      ],
    })
    await worker.start()
    await queue.enqueue(job, 'a.avi')
    await clock.advance(10_000)
    expect(await told()).toMatchObject([{ event: 'dead', severity: 'error', to: admins }])
  })

  it('tell of a job that nobody knows and that is dead for it', async () => {
    const { clock, backend, worker, told } = await stage([], fails(0), {
      unknownJobs: 'dead',
      notify: [{ on: 'dead', to: admins }],
    })
    await worker.start()
    await backend.enqueue([{ id: 'x', queue: 'videos', name: 'other', payload: '1', headers: {} }])
    await clock.advance(100)
    expect(await told()).toMatchObject([{ job: { id: 'x', name: 'other' }, error: { name: 'UnknownJobError' } }])
  })

  it('never hold for notifications', async () => {
    const { clock, backend, worker, told } = await stage([], fails(0), {
      unknownJobs: 'dead',
      queues: [NOTIFICATION_QUEUE],
      notify: [{ on: 'finished', to: admins }],
    })
    await worker.start()
    await backend.enqueue([{ id: 'x', queue: NOTIFICATION_QUEUE, name: 'other', payload: '1', headers: {} }])
    await clock.advance(100)
    expect((await backend.inspect.find(['x']))[0]?.state).toBe('dead')
    expect(await told()).toEqual([])
  })

  it('of two for one recipient the graver one counts', async () => {
    const { clock, job, queue, worker, told } = await stage([{ on: 'dead', to: admins }], fails(9), {
      notify: [{ on: 'finished', to: admins, severity: (_, { state }) => (state === 'dead' ? 'critical' : 'info') }],
    })
    await worker.start()
    await queue.enqueue(job, 'a.avi')
    await clock.advance(10_000)
    expect(await told()).toMatchObject([{ severity: 'critical' }])
  })
})

it('rules of a queue tell of what is cancelled through it', async () => {
  const { backend, job, clock, told } = await stage([], fails(0))
  const queue = createQueue(backend, { notify: [{ on: 'cancelled', to: admins }], runtime: { clock } })
  onTestFinished(() => queue.close())
  const ticket = await queue.enqueue(job, 'a.avi')
  expect(await ticket.cancel()).toBe('cancelled')
  expect(await told()).toMatchObject([{ event: 'cancelled', severity: 'info', job: { id: ticket.id } }])
})

it('the input travels only where a rule asks for it, and is left out when it does not fit', async () => {
  const rules: NotifyRule[] = [
    { on: 'completed', to: { user: 'a' }, input: true },
    { on: 'completed', to: { user: 'b' } },
  ]
  const { clock, job, queue, worker, told } = await stage(rules, fails(0))
  await worker.start()
  await queue.enqueue(job, 'a.avi')
  await clock.advance(100)
  const notifications = await told()
  expect(notifications.map(({ to, input }) => [to.user, input])).toEqual([
    ['a', 'a.avi'],
    ['b', undefined],
  ])
})

it.each([
  [{ on: 'done', to: admins }, 'notify[0].on'],
  [{ on: 'dead', after: 2, to: admins }, 'notify[0].after'],
  [{ on: 'retrying', after: 0, to: admins }, 'notify[0].after'],
  [{ on: 'dead', to: admins, severity: 'loud' }, 'notify[0].severity'],
  [{ on: 'dead', to: admins, queues: 'videos' }, 'notify[0].queues'],
  [{ on: 'dead', to: {} }, 'notify[0].to'],
  [{ on: 'dead', to: admins, wen: 1 }, 'wen'],
])('refuses %o', (rule, message) => {
  const define = (): unknown => defineJob('x', { input: type(), notify: [rule as unknown as NotifyRule] })
  expect(define).toThrow(OptionError)
  expect(define).toThrow(message)
})

it('a notification worker has no rules', () => {
  const options = { notify: [{ on: 'dead', to: admins }] }
  expect(() => createNotificationWorker(memoryBackend(), () => {}, options as object)).toThrow('notify')
})
