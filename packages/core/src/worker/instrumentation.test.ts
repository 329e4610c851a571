import { expect, it } from 'vitest'
import {
  createQueue,
  createWorker,
  defineJob,
  handle,
  handleMany,
  memoryBackend,
  type,
  type Instrumentation,
  type Sending,
} from '../index.ts'
import { VirtualClock } from '../testing.ts'

const publish = defineJob('test.publish', { input: type<string>() })
const archive = defineJob('test.archive', { input: type<string>() })
const render = defineJob('test.render', {
  queue: 'render',
  input: type<string>(),
  output: type<string>(),
  notify: [{ on: 'completed', to: { role: 'admins' } }],
}).followedBy(publish, (path) => path)

it('headers of an instrumentation travel with what is enqueued, and those of the enqueue win', async () => {
  const sendings: Sending[] = []
  const backend = memoryBackend()
  await using queue = createQueue(backend, {
    instrumentation: {
      send: (sending, send) => {
        sendings.push(sending)
        return send({ trace: 'a', user: 'nobody' })
      },
    },
  })
  const one = await queue.enqueue(publish, 'x', { headers: { user: 'ada' } })
  const [many] = await queue.enqueueMany(publish, [{ input: 'y' }, { input: 'z' }])
  const records = await backend.inspect.find([one.id, many!.status === 'enqueued' ? many!.ticket.id : ''])
  expect(records.map((record) => record!.headers)).toEqual([
    { trace: 'a', user: 'ada' },
    { trace: 'a', user: 'nobody' },
  ])
  expect(sendings).toEqual([
    { queue: 'default', name: 'test.publish', count: 1 },
    { queue: 'default', name: 'test.publish', count: 2 },
  ])
})

it('headers of an instrumentation go on to all that follows, whether or not the handler gives some of its own', async () => {
  const backend = memoryBackend()
  await using queue = createQueue(backend)
  await using worker = createWorker(
    backend,
    [
      handle(render, (name, { followUp }) => {
        followUp(archive, 'with', { headers: { user: 'bob' } })
        followUp(archive, 'without')
        return `/${name}`
      }),
    ],
    { instrumentation: { process: (_, run) => run({ trace: 'b' }) } },
  )
  await worker.start()
  await (await queue.enqueue(render, 'cat', { headers: { trace: 'a', user: 'ada' } })).result()
  const queues = ['default', 'jobport.notifications']
  const pages = await Promise.all(
    queues.map((name) => backend.inspect.list({ queue: name, state: 'waiting', limit: 9 })),
  )
  const headers = pages
    .flatMap(({ jobs }) => jobs)
    .map((job) => [job.name, job.headers.trace, job.headers.user].join(' '))
  expect(headers.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    'jobport.notification b ada',
    'test.archive b ada',
    'test.archive b bob',
    'test.publish b ada',
  ])
})

it('stands around the one call of a batch', async () => {
  const batches: (readonly string[])[] = []
  const backend = memoryBackend()
  await using queue = createQueue(backend)
  await queue.enqueueMany(publish, [{ input: 'x' }, { input: 'y' }])
  const instrumentation: Instrumentation = {
    process(jobs, run) {
      batches.push(jobs.map(({ name }) => name))
      return run()
    },
  }
  await using worker = createWorker(backend, [handleMany(publish, () => {})], { instrumentation })
  const idle = new Promise((resolve) => worker.once('idle', () => resolve(undefined)))
  await worker.start()
  await idle
  expect(batches).toEqual([['test.publish', 'test.publish']])
})

it('tells how long handlers ran, of those that complete and those that fail', async () => {
  const clock = new VirtualClock()
  const backend = memoryBackend({ clock })
  const told: unknown[] = []
  const queue = createQueue(backend, { runtime: { clock } })
  const worker = createWorker(
    backend,
    [
      handle(publish, async (what) => {
        await new Promise<void>((resolve) => clock.schedule(700, resolve))
        if (what === 'bad') throw new Error('bad')
      }),
    ],
    {
      runtime: { clock },
      instrumentation: {
        attach: ({ running }, jobs, { name }) => told.push(running, ...jobs, name),
        completed: (name, job, took) => told.push([name, job, took]),
        detach: ({ running }) => told.push(running),
      },
    },
  )
  worker.on('completed', (_, { took }) => told.push(took)).on('failed', (_, { took }) => told.push(took))
  await worker.start()
  await queue.enqueueMany(publish, [{ input: 'good' }, { input: 'bad', options: { retry: { retries: 0 } } }])
  await clock.advance(1_000)
  const attached = [0, { queue: 'default', name: 'test.publish' }, 'memory']
  expect(told).toEqual([...attached, ['default', 'test.publish', 700], 700, 700])
  await Promise.all([worker.close(), clock.advance(1_000)])
  expect(told.slice(6)).toEqual([0])
})
