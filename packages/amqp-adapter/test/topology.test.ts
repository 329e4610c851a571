import { randomUUID } from 'node:crypto'
import type { NewJob } from '@jobport/core/adapter'
import { connect, type Channel, type ChannelModel } from 'amqplib'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { amqpBackend, type AmqpBackend, type AmqpBackendOptions } from '../src/index.ts'
import { Names } from '../src/names.ts'
import { settingsOf } from '../src/options.ts'
import { Topology } from '../src/topology/topology.ts'
import { noteDeclarations, removeNamespace, serverUrl } from './harness.ts'

const url = serverUrl()
const types = ['quorum', 'classic'] as const

let namespace: string
let connection: ChannelModel
let channel: Channel
const undo: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  namespace = `topology-${randomUUID().slice(0, 8)}`
  await noteDeclarations()
  connection = await connect(url)
  channel = await connection.createChannel()
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const step of undo.splice(0).toReversed()) await step()
  await connection.close()
  await removeNamespace(namespace)
})

async function opened(options: Partial<AmqpBackendOptions> = {}): Promise<AmqpBackend> {
  const backend = amqpBackend({ url, namespace, warn: () => {}, ...options })
  undo.push(() => backend.close())
  await backend.open()
  return backend
}

const jobOf = (more: Partial<NewJob> = {}): NewJob => ({
  id: randomUUID(),
  queue: 'work',
  name: 'n',
  payload: '1',
  headers: {},
  ...more,
})

const delayQueue = (level: number): string => new Names(namespace).delay(level)

/** What a queue of delays is declared with, besides its type. */
const declared = (level: number, below: string): Record<string, unknown> => ({
  'x-message-ttl': 100 * 2 ** level,
  'x-dead-letter-exchange': below,
  'x-overflow': 'reject-publish',
})

/** From now on it is at least so much later, and time stands still, at a whole millisecond: with fractions what was added is not always the difference. */
function later(ms: number): void {
  const now = Math.ceil(performance.now()) + ms
  vi.spyOn(performance, 'now').mockReturnValue(now)
}

describe.each(types)('delays beside %s queues', (queueType) => {
  it('have queues that keep a message twice as long from level to level, and let go of it when the next one has it', async () => {
    const backend = await opened({ queueType })
    await backend.enqueue([jobOf({ delay: 100 })])
    for (const level of [1, 7, 19]) {
      const argumentsOf = {
        ...declared(level, delayQueue(level - 1)),
        'x-queue-type': 'quorum',
        'x-dead-letter-strategy': 'at-least-once',
      }
      const queue = delayQueue(level)
      // The server refuses other arguments than it was declared with.
      expect(await channel.assertQueue(queue, { durable: true, arguments: argumentsOf })).toMatchObject({ queue })
    }
  })

  it('are declared again when one of their queues was deleted, and no job is lost', async () => {
    const backend = await opened({ queueType })
    await backend.enqueue([jobOf({ delay: 200_000 })])
    await channel.deleteQueue(delayQueue(0))
    const job = jobOf({ delay: 100 })
    expect(await backend.enqueue([job])).toEqual([{ status: 'enqueued' }])
    const request = { queue: 'work', limit: 1, lease: 60_000, wait: 50_000 }
    expect(await backend.claim(request, new AbortController().signal)).toMatchObject([{ lease: { id: job.id } }])
  })

  it('are refused where the namespace has them in queues of another type, as earlier versions made them, and all else works', async () => {
    await channel.assertQueue(delayQueue(0), {
      durable: true,
      arguments: { ...declared(0, new Names(namespace).due), 'x-queue-type': 'classic' },
    })
    const backend = await opened({ queueType })
    await expect(backend.enqueue([jobOf({ delay: 100 })])).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('use another namespace'),
    })
    expect(await backend.enqueue([jobOf()])).toEqual([{ status: 'enqueued' }])
  })
})

it.each(types)('knows which messages a queue without a leader may have refused: %s queues', async (queueType) => {
  const settings = settingsOf({ url, namespace, queueType })
  const topology = new Topology(settings, new Names(namespace), () => connection)
  const mayBeStarting = (): readonly boolean[] =>
    [false, true].map((isDelayed) => topology.mayBeStarting({ queue: 'work', isDelayed }))
  expect(mayBeStarting()).toEqual([false, false])
  await topology.queue('work')
  expect(mayBeStarting()).toEqual([queueType === 'quorum', false])
  later(5_000)
  await topology.delays()
  expect(mayBeStarting()).toEqual([false, true])
  later(5_000)
  expect(mayBeStarting()).toEqual([false, false])
})
