import { expect, it } from 'vitest'
import type { NewJob } from '../../adapter.ts'
import { createWorker, defineJob, handle, memoryBackend, type } from '../../index.ts'
import { VirtualClock } from '../../testing.ts'

const notify = [{ on: 'finished', to: { user: 'ann' } }] as const
const known = defineJob('test.known', { input: type<unknown>(), notify })
const other = defineJob('test.other', { input: type<unknown>() })

it('the end of a job that crashed too often or was cancelled is left to a worker that knows whom to notify', async () => {
  const clock = new VirtualClock()
  const backend = memoryBackend({ clock })
  await backend.open()
  const job = (id: string): NewJob => ({ id, queue: 'default', name: known.name, payload: '{}', headers: {} })
  await backend.enqueue([job('crashed'), job('cancelled')])
  const request = { queue: 'default', limit: 2, lease: 1_000, wait: 0 }
  for (let crash = 0; crash < 3; crash++) {
    const claimed = await backend.claim(request, new AbortController().signal)
    await backend.report(claimed.map(({ lease }) => ({ lease, begun: true })))
    await clock.advance(1_000)
  }
  const [last] = await backend.inspect.find(['cancelled'])
  expect(last).toMatchObject({ state: 'active' })
  await backend.operate.cancel([{ id: 'cancelled', keep: 1_000_000 }])

  const stranger = createWorker(backend, [handle(other, () => {})], { runtime: { clock, random: () => 0 } })
  await stranger.start()
  await clock.advance(100)
  const [crashed, cancelled] = await backend.inspect.find(['crashed', 'cancelled'])
  expect([crashed!.state, cancelled!.state]).toEqual(['scheduled', 'scheduled'])
  await stranger.close()

  const worker = createWorker(backend, [handle(known, () => {})], { runtime: { clock } })
  await worker.start()
  await clock.advance(60_000)
  const { jobs } = await backend.inspect.list({ queue: 'jobport.notifications', state: 'waiting', limit: 10 })
  expect(jobs.map(({ id }) => id.split(':').slice(0, 2).join(' ')).toSorted()).toEqual([
    'cancelled cancelled',
    'crashed dead',
  ])
})
