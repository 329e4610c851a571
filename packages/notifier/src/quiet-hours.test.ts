import { createQueue, createWorker, defineJob, handle, memoryBackend, type } from '@jobport/core'
import { VirtualClock } from '@jobport/core/testing'
import { expect, it, onTestFinished } from 'vitest'
import { createNotifier, memoryChannel, type QuietHours } from './index.ts'
import { checkQuietHours, quietFor } from './quiet-hours.ts'

const night: QuietHours = { from: '22:00', to: '07:00', zone: 'Europe/Berlin' }
const HOUR = 3_600_000

it.each([
  ['before they begin', '2026-06-10T19:59:00Z', 0],
  ['when they begin', '2026-06-10T20:00:00Z', 9],
  ['after midnight', '2026-06-10T23:30:00Z', 5.5],
  ['when they end', '2026-06-11T05:00:00Z', 0],
  ['in winter', '2026-12-10T21:00:00Z', 9],
  ['in the night when clocks go forward', '2026-03-28T21:00:00Z', 8],
  ['in the night when clocks go back', '2026-10-24T20:00:00Z', 10],
])('%s', (_, at, hours) => {
  expect(quietFor(Date.parse(at), night)).toBe(hours * HOUR)
})

it('may lie within a day', () => {
  const lunch = { from: '12:00', to: '13:00' }
  expect(quietFor(Date.parse('2026-06-10T12:15:30Z'), lunch)).toBe(44.5 * 60_000)
  expect(quietFor(Date.parse('2026-06-10T13:00:00Z'), lunch)).toBe(0)
})

it.each([
  [{ from: '25:00', to: '07:00' }, 'quietHours.from'],
  [{ from: '22:00', to: '7' }, 'quietHours.to'],
  [{ from: '22:00', to: '22:00' }, 'quietHours.to'],
  [{ ...night, zone: 'Europe/Nowhere' }, 'quietHours.zone'],
])('refuses %o', (hours, message) => {
  expect(() => checkQuietHours(hours)).toThrow(message)
})

it('messages wait for their end and none is dropped; what is critical, and for others, does not wait', async () => {
  const clock = new VirtualClock({ epoch: Date.UTC(2026, 5, 10, 23) })
  const runtime = { clock }
  const backend = memoryBackend({ clock })
  const job = defineJob('nightly', {
    input: type<object>(),
    notify: [
      { on: 'completed', to: { user: 'ada' } },
      { on: 'completed', to: { user: 'bot' } },
      { on: 'completed', to: { role: 'admins' }, severity: 'critical' },
    ],
  })
  const queue = createQueue(backend, { runtime })
  const worker = createWorker(backend, [handle(job, () => {})], { runtime })
  const inbox = memoryChannel()
  const quietHours = { from: '22:00', to: '07:00', for: ({ user }: { readonly user?: string }) => user !== 'bot' }
  const notifier = createNotifier(backend, { channels: { inbox }, quietHours, retry: { retries: 0 }, runtime })
  const held: string[] = []
  notifier.on('attempt', ({ status, id }) => status === 'held' && held.push(id))
  onTestFinished(async () => {
    const closed = Promise.all([worker.close(), notifier.close(), queue.close()])
    await clock.advance(60_000)
    await closed
  })
  await Promise.all([worker.start(), notifier.start()])
  await queue.enqueueMany(job, [{ input: {} }, { input: {} }])
  await clock.advance(7 * HOUR)
  const told = (): string[] => inbox.messages.map(({ to }) => to.user ?? to.role!).toSorted()
  expect(told()).toEqual(['admins', 'admins', 'bot', 'bot'])
  expect(new Set(held).size).toBe(2)
  await clock.advance(2 * HOUR)
  expect(told()).toEqual(['ada', 'ada', 'admins', 'admins', 'bot', 'bot'])
})
