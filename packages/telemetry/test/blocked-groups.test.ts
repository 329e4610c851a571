import { randomUUID } from 'node:crypto'
import { on, once, type EventEmitter } from 'node:events'
import { amqpBackend } from '@jobport/amqp-adapter'
import { createQueue, createWorker, defineJob, fixed, handle, type, type Backend, type Features } from '@jobport/core'
import { sqsBackend } from '@jobport/sqs-adapter'
import { createMetrics } from '@jobport/telemetry'
import { expect, it } from 'vitest'

const apply = defineJob('account.apply', {
  input: type<string>(),
  queue: 'accounts',
  retry: { retries: 2, backoff: fixed('2s') },
})

/** Brokers without a store: nobody but the worker knows that a group waits. */
const brokers: Readonly<Record<string, () => Backend<Features & { readonly group: true }>>> = {
  'SQS, FIFO queues': () =>
    sqsBackend({
      sqs: {
        endpoint: process.env['SQS_URL']!,
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      },
      fifo: true,
      create: true,
      longPoll: '1s',
      prefix: `blocked-${randomUUID().slice(0, 8)}-`,
    }),
  'RabbitMQ with groups': () =>
    amqpBackend({
      url: process.env['AMQP_URL']!,
      namespace: `blocked-${randomUUID().slice(0, 8)}`,
      queueType: 'classic',
      groups: 2,
    }),
}

it.each(Object.entries(brokers))('%s: a poison job is seen to block its group until it is dead', async (_, open) => {
  const backend = open()
  // Of the metrics: how long the broker takes for a delay of two seconds says nothing.
  let now = 0
  const metrics = createMetrics({ clock: { now: () => now } })
  const blocked = async (): Promise<number> => {
    const samples = await metrics.read()
    return samples.find(({ family }) => family === 'jobport_group_blocked_seconds')!.value as number
  }
  const done: string[] = []
  const mayFail = [1, 2, 3].map(() => Promise.withResolvers<void>())
  const worker = createWorker(
    backend,
    [
      handle(apply, async (what, { job }) => {
        if (what === 'next') return void done.push(what)
        await mayFail[job.failures]!.promise
        throw new Error('no such account')
      }),
    ],
    { instrumentation: metrics },
  )
  const events = worker as unknown as EventEmitter
  const failures = on(events, 'failed')
  const completed = once(events, 'completed')
  const fail = async (failed: number): Promise<void> => {
    mayFail[failed]!.resolve()
    await failures.next()
  }
  try {
    const queue = createQueue(backend)
    await queue.enqueue(apply, 'poison', { group: 'a' })
    await queue.enqueue(apply, 'next', { group: 'a' })
    expect(await blocked()).toBe(0)
    await worker.start()
    await fail(0)
    now = 1_000
    expect(await blocked()).toBe(1)
    await fail(1)
    now = 2_900
    expect(await blocked()).toBe(2.9)
    expect(done).toEqual([])
    await fail(2)
    expect(await blocked()).toBe(0)
    await completed
    expect(done).toEqual(['next'])
  } finally {
    for (const { resolve } of mayFail) resolve()
    await worker.close()
    await backend.close()
  }
})
