import { expect, it } from 'vitest'
import type { Backend } from '../../adapter.ts'
import { createQueue, createWorker, defineJob, handle, memoryBackend, type } from '../../index.ts'
import { VirtualClock } from '../../testing.ts'

const publish = defineJob('test.publish', { input: type<{ path: string }>() })
const render = defineJob('test.render', {
  input: type<{ name: string }>(),
  output: type<{ path: string }>(),
  notify: [{ on: 'completed', to: (_, { result }) => result as { path: string } }],
}).followedBy(publish, ({ path }) => ({ path }))

it('what follows is made from the output also where the backend does not store results', async () => {
  const clock = new VirtualClock()
  const memory = memoryBackend({ clock })
  const backend = Object.create(memory, {
    features: { value: { ...memory.features, results: false } },
  }) as Backend
  for (const verb of ['open', 'enqueue', 'claim', 'settle', 'extend', 'exchange'] as const) {
    Object.defineProperty(backend, verb, { value: memory[verb].bind(memory) })
  }
  const published: string[] = []
  const errors: unknown[] = []
  const worker = createWorker(
    backend,
    [handle(render, ({ name }) => ({ path: `/${name}` })), handle(publish, ({ path }) => void published.push(path))],
    { runtime: { clock } },
  )
  worker.on('failed', (_, { error }) => errors.push(error))
  await worker.start()
  const { id } = await createQueue(backend, { runtime: { clock } }).enqueue(render, { name: 'cat' })
  await clock.advance(100)
  expect(errors).toEqual([])
  expect(published).toEqual(['/cat'])
  const [record] = await memory.inspect.find([id])
  expect(record!.result).toBeUndefined()
  const { jobs } = await memory.inspect.list({ queue: 'jobport.notifications', state: 'waiting', limit: 10 })
  expect(jobs.map(({ payload }) => (JSON.parse(payload) as { to: unknown }).to)).toEqual([{ path: '/cat' }])
})
