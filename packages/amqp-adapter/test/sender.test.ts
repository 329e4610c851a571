import type { ConfirmChannel } from 'amqplib'
import { expect, it, vi } from 'vitest'
import { senderOn } from '../src/connection/sender.ts'
import { driverChannel, outgoing } from './driver-channel.ts'

const FRAME_MAX = 4096

const message = outgoing()

it('confirms reach the messages that they are for, in whatever order they come', () => {
  const { channel, written } = driverChannel(FRAME_MAX)
  const sender = senderOn(channel)
  const confirmed: string[] = []
  for (const name of ['one', 'two', 'three', 'four']) {
    sender.add(message, (error) => confirmed.push(error === null ? name : `not ${name}`))
  }
  expect(written()).toHaveLength(0)
  sender.flush()
  expect(written().length).toBeGreaterThan(0)
  channel.emit('ack', { deliveryTag: 2, multiple: false })
  channel.emit('nack', { deliveryTag: 1, multiple: false })
  channel.emit('ack', { deliveryTag: 4, multiple: true })
  expect(confirmed).toEqual(['two', 'not one', 'three', 'four'])
})

it('a message that cannot be sent does not count among those that are confirmed', () => {
  const { channel } = driverChannel(FRAME_MAX)
  const sender = senderOn(channel)
  const first = vi.fn<(error: Error | null) => void>()
  const second = vi.fn<(error: Error | null) => void>()
  sender.add(message, first)
  expect(() => sender.add({ ...message, key: 'k'.repeat(256) }, vi.fn())).toThrow(RangeError)
  sender.add(message, second)
  sender.flush()
  channel.emit('ack', { deliveryTag: 2, multiple: false })
  expect(second).toHaveBeenCalledExactlyOnceWith(null)
  expect(first).not.toHaveBeenCalled()
})

it('a channel that has ended takes nothing, and says so of what was not confirmed', () => {
  const { channel, written } = driverChannel(FRAME_MAX)
  const sender = senderOn(channel)
  const onConfirm = vi.fn<(error: Error | null) => void>()
  sender.add(message, onConfirm)
  sender.flush()
  written()
  channel.toClosed()
  expect(onConfirm).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'channel closed' }))
  expect(() => sender.add(message, vi.fn())).toThrow('Channel closed')
  sender.flush()
  expect(written()).toHaveLength(0)
})

it('where the driver is built otherwise it sends by itself', () => {
  const publish = vi.fn<(...given: unknown[]) => boolean>()
  const sender = senderOn({ publish } as unknown as ConfirmChannel)
  const onConfirm = vi.fn<(error: Error | null) => void>()
  sender.add(message, onConfirm)
  sender.flush()
  const { exchange, key, content, properties } = message
  const options = { ...properties, persistent: true, mandatory: true }
  expect(publish).toHaveBeenCalledExactlyOnceWith(exchange, key, content, options, onConfirm)
})
