import { expect, it } from 'vitest'
import { BackendError, type Inspector } from '../adapter.ts'
import { createQueue, createWorker, defineJob, handle, memoryBackend, ResultTimeoutError, type } from '../index.ts'
import { VirtualClock } from '../testing.ts'

const double = defineJob('test.double', { input: type<number>(), output: type<number>() })

it('waits for a result through a time when the backend is away', async () => {
  const { clock, queue, worker, away } = set()
  const ticket = await queue.enqueue(double, 21)
  away(true)
  let result: unknown
  void ticket.result().then((value) => (result = value))
  await clock.advance(8_000)
  await worker.start()
  away(false)
  await clock.advance(6_000)
  expect(result).toBe(42)
})

it('ends the wait at its timeout or by its signal also while the backend is away', async () => {
  const { clock, queue, away } = set()
  const ticket = await queue.enqueue(double, 21)
  away(true)
  const patient = ticket.result({ timeout: '2s' }).catch((error: unknown) => error)
  const controller = new AbortController()
  const told = ticket.result({ signal: controller.signal }).catch((error: unknown) => error)
  await clock.advance(2_000)
  const error = await patient
  expect(error).toBeInstanceOf(ResultTimeoutError)
  expect((error as Error).cause).toMatchObject({ code: 'unavailable' })
  controller.abort(new Error('enough'))
  expect(await told).toMatchObject({ message: 'enough' })
})

function set() {
  const clock = new VirtualClock()
  const backend = memoryBackend({ clock })
  let isAway = false
  const { inspect } = backend
  const find: Inspector['find'] = (ids) =>
    isAway ? Promise.reject(new BackendError('unavailable', 'memory', 'away')) : inspect.find(ids)
  const watch: Inspector['watch'] = (listener) => inspect.watch(listener)
  Object.assign(backend, { inspect: { find, watch } })
  const queue = createQueue(backend, { runtime: { clock } })
  const worker = createWorker(backend, [handle(double, (input) => input * 2)], { runtime: { clock } })
  return { clock, queue, worker, away: (now: boolean) => (isAway = now) }
}
