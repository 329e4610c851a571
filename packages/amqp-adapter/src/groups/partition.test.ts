import { EventEmitter } from 'node:events'
import type { ClaimedJob } from '@jobport/core/adapter'
import type { Channel, ConsumeMessage } from 'amqplib'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { newEnvelope, propertiesOf } from '../wire/envelope.ts'
import { Partition } from './partition.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const HOLD = 60_000
const LEASE = 10_000

/** A channel that answers at once, and what was said on it. */
class FakeChannel extends EventEmitter {
  readonly acked: number[] = []
  isClosed = false
  /** What questions about the queue are answered with. */
  refusal: Error | undefined
  #deliver: ((message: ConsumeMessage | null) => void) | undefined
  #tag = 0

  deliver(
    id: string,
    more: {
      readonly rest?: number
      readonly group?: string
      readonly attempt?: number
      readonly redelivered?: boolean
    } = {},
  ) {
    const { rest, group = 'a', attempt = 0, redelivered = false } = more
    const envelope = newEnvelope({ id, queue: 'work', name: 'test', payload: '1', headers: {}, group })
    this.#deliver!({
      fields: { deliveryTag: ++this.#tag, redelivered },
      properties: propertiesOf({ ...envelope, attempt, rest }),
      content: envelope.content,
    } as unknown as ConsumeMessage)
  }

  async prefetch(): Promise<void> {}

  async consume(_: string, deliver: (message: ConsumeMessage | null) => void): Promise<void> {
    this.#deliver = deliver
  }

  async checkQueue(): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal
  }

  ack({ fields }: ConsumeMessage): void {
    this.acked.push(fields.deliveryTag)
  }

  async close(): Promise<void> {
    this.isClosed = true
  }
}

function stage(holdFor = HOLD) {
  const channels: FakeChannel[] = []
  const onChange = vi.fn<() => void>()
  const lost: string[] = []
  const partition = new Partition({
    queue: 'work',
    serverQueue: 'groups-0',
    holdFor,
    patience: 1_000,
    newChannel: async () => {
      const channel = new FakeChannel()
      channels.push(channel)
      return channel as unknown as Channel
    },
    onChange,
    onLost: ({ message }) => lost.push(message),
    onForeign: () => {},
  })
  /** The channel on which it consumes from now on. */
  const open = async (): Promise<FakeChannel> => {
    await partition.open()
    return channels.at(-1)!
  }
  const take = (lease = LEASE): string[] => partition.take(10, lease).map((each) => each.lease.id)
  const done = ({ lease: { id, token } }: ClaimedJob, returns = false): boolean =>
    partition.done(partition.find(id, token)!, returns)
  return { partition, open, take, done, onChange, lost }
}

/** Tries once a second, for a minute at most. */
async function untilTaken(take: () => readonly string[]): Promise<void> {
  for (let tries = 0; tries < 60 && take().length === 0; tries++) await vi.advanceTimersByTimeAsync(1_000)
}

it('begins nothing in the second half of the time for which it may hold, and begins anew when nothing is at work', async () => {
  const { partition, open, take, done, onChange, lost } = stage()
  const first = await open()
  first.deliver('a1')
  first.deliver('b1', { group: 'b' })
  const [held] = partition.take(1, LEASE * 10)
  await vi.advanceTimersByTimeAsync(HOLD / 2 - 1)
  expect(take()).toEqual(['b1'])
  await vi.advanceTimersByTimeAsync(1)
  first.deliver('c1', { group: 'c' })
  expect(take()).toEqual([])
  await vi.advanceTimersByTimeAsync(LEASE)
  expect(first.isClosed).toBe(false)
  onChange.mockClear()
  expect(done(held!)).toBe(true)
  expect(first.acked).toEqual([1])
  await vi.advanceTimersByTimeAsync(0)
  expect([first.isClosed, partition.isOpen, partition.isBusy]).toEqual([true, false, false])
  expect(onChange).toHaveBeenCalledOnce()
  const second = await open()
  second.deliver('b1', { group: 'b', redelivered: true })
  expect(take()).toEqual(['b1'])
  expect(lost).toEqual([])
})

it('begins anew at once when nothing is at work as its time is half over', async () => {
  const { partition, open, onChange } = stage()
  const channel = await open()
  await vi.advanceTimersByTimeAsync(HOLD / 2)
  expect([channel.isClosed, partition.isOpen]).toEqual([true, false])
  expect(onChange).toHaveBeenCalledOnce()
})

it('has no lease that lasts longer than it may hold, extended or not', async () => {
  const { partition, open } = stage()
  const channel = await open()
  channel.deliver('a1')
  channel.deliver('b1', { group: 'b' })
  const [one, other] = partition.take(2, 2 * HOLD)
  await vi.advanceTimersByTimeAsync(HOLD - 1)
  const heldOf = ({ lease: { id, token } }: ClaimedJob) => partition.find(id, token)
  expect(partition.extend(heldOf(one!)!, HOLD)).toBe(true)
  const held = heldOf(other!)!
  await vi.advanceTimersByTimeAsync(2)
  expect([heldOf(one!), heldOf(other!)]).toEqual([undefined, undefined])
  expect(partition.extend(held, HOLD)).toBe(false)
  expect([channel.isClosed, partition.isOpen]).toEqual([true, false])
})

it('extends nothing after the time for which it may hold, also when timers are late', async () => {
  const { partition, open } = stage()
  const channel = await open()
  channel.deliver('a1')
  const [job] = partition.take(1, HOLD)
  const held = partition.find(job!.lease.id, job!.lease.token)!
  vi.spyOn(performance, 'now').mockReturnValue(HOLD)
  expect(partition.extend(held, LEASE)).toBe(false)
})

it('a lease that is made shorter ends sooner', async () => {
  const { partition, open, take } = stage()
  const channel = await open()
  channel.deliver('a1')
  const [job] = partition.take(1, LEASE)
  expect(partition.extend(partition.find(job!.lease.id, job!.lease.token)!, 1_000)).toBe(true)
  await vi.advanceTimersByTimeAsync(1_001)
  expect(take()).toEqual(['a1'])
})

it('counts its time from when it has begun anew', async () => {
  const { partition, open } = stage()
  await open()
  await vi.advanceTimersByTimeAsync(HOLD / 4)
  await partition.close()
  const second = await open()
  await vi.advanceTimersByTimeAsync(HOLD / 2 - 1)
  expect(second.isClosed).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(second.isClosed).toBe(true)
})

const DAY = 24 * 60 * 60_000

it.each([60 * DAY, Infinity])('may hold for long: %d ms', async (holdFor) => {
  const { open, take } = stage(holdFor)
  const channel = await open()
  await vi.advanceTimersByTimeAsync(20 * DAY)
  channel.deliver('a1')
  expect(take()).toEqual(['a1'])
})

it('says so when a job that rests is due', async () => {
  const { open, take, onChange } = stage()
  const channel = await open()
  channel.deliver('a1', { rest: 1_000 })
  await vi.advanceTimersByTimeAsync(999)
  expect(take()).toEqual([])
  expect(onChange).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(onChange).toHaveBeenCalledOnce()
  expect(take()).toEqual(['a1'])
})

it.each([
  ['for what is left', 10_000, 15_000],
  ['no more', 25_000, 25_000],
])('a job that comes again after it came to rest here rests %s', async (_, reopenedAt, dueAt) => {
  const { partition, open, take } = stage()
  const first = await open()
  first.deliver('a1', { rest: 15_000 })
  await vi.advanceTimersByTimeAsync(reopenedAt)
  await partition.close()
  const second = await open()
  second.deliver('a1', { rest: 15_000, redelivered: true })
  await untilTaken(take)
  expect(performance.now()).toBe(dueAt)
})

it('a job that was at work when its channel ended rests no more', async () => {
  const { partition, open, take } = stage()
  const first = await open()
  first.deliver('a1', { rest: 1_000 })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(take()).toEqual(['a1'])
  partition.disconnected(new Error('gone'))
  const second = await open()
  second.deliver('a1', { rest: 1_000, redelivered: true })
  expect(take()).toEqual(['a1'])
})

it.each([
  ['is due was done elsewhere, and is forgotten', 1_000, 1_000],
  ['rests still is remembered', 20_000, 19_000],
])('what has not come again for long and %s', async (_, rest, left) => {
  const { partition, open, take } = stage()
  const first = await open()
  first.deliver('a1', { rest })
  await vi.advanceTimersByTimeAsync(1_000)
  for (let session = 0; session < 3; session++) {
    await partition.close()
    await open()
  }
  await partition.close()
  const last = await open()
  last.deliver('a1', { rest })
  const from = performance.now()
  await untilTaken(take)
  expect(performance.now() - from).toBe(left)
})

it('a job rests for each of its failures, also when the copy comes before the outcome is noted, and another of its id for itself', async () => {
  const { partition, open, take, done } = stage()
  const channel = await open()
  channel.deliver('a1', { attempt: 1, rest: 1_000 })
  await vi.advanceTimersByTimeAsync(1_000)
  const [job] = partition.take(1, LEASE)
  channel.deliver('a1', { attempt: 2, rest: 5_000 })
  expect(done(job!, true)).toBe(true)
  await vi.advanceTimersByTimeAsync(4_999)
  expect(take()).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  const [copy] = partition.take(1, LEASE)
  expect(copy).toMatchObject({ lease: { id: 'a1' }, attempt: 3 })
  expect(done(copy!)).toBe(true)
  channel.deliver('a1', { attempt: 2, rest: 5_000 })
  expect(take()).toEqual([])
})

it('a job whose lease is over is the next of its group again, with a crash', async () => {
  const { partition, open, take } = stage()
  const channel = await open()
  for (const id of ['a1', 'a2']) channel.deliver(id)
  expect(take()).toEqual(['a1'])
  await vi.advanceTimersByTimeAsync(LEASE + 1)
  expect(partition.take(10, LEASE)).toMatchObject([{ lease: { id: 'a1' }, attempt: 2, crashes: 1 }])
})

it('a job whose outcome is on its way is not given out again', async () => {
  const { partition, open, take, done } = stage()
  const channel = await open()
  for (const id of ['a1', 'a2']) channel.deliver(id)
  const [job] = partition.take(1, LEASE)
  partition.find(job!.lease.id, job!.lease.token)!.isSettling = true
  await vi.advanceTimersByTimeAsync(2 * LEASE)
  expect(take()).toEqual([])
  expect(done(job!)).toBe(true)
  expect(take()).toEqual(['a2'])
})

it('gives nothing out again where the server does not answer: others may have it', async () => {
  const { partition, open, take, lost } = stage()
  const channel = await open()
  channel.deliver('a1')
  expect(take()).toEqual(['a1'])
  channel.refusal = new Error('the channel has ended')
  await vi.advanceTimersByTimeAsync(LEASE + 1)
  expect(take()).toEqual([])
  expect(lost).toEqual(['the channel has ended'])
  expect(partition.isOpen).toBe(false)
})

it('hears no more of a channel that it has left', async () => {
  const { partition, open, take, lost } = stage()
  const first = await open()
  await partition.close()
  const second = await open()
  first.deliver('a1')
  first.emit('close')
  expect(take()).toEqual([])
  second.deliver('a1', { redelivered: true })
  expect(take()).toEqual(['a1'])
  expect(lost).toEqual([])
})
