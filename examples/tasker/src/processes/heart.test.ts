import { handle, defineJob, type, createQueue, createWorker, memoryBackend } from '@jobport/core'
import { createLog } from '@jobport/example-service'
import { expect, it } from 'vitest'
import { TaskError } from '../tasks/task.ts'
import { Heart } from './heart.ts'
import type { Heartbeats } from './heartbeats.ts'

const job = defineJob('sum2', { input: type<string>(), retry: { retries: 0 } })

it('says what became of the last run, and blames no task for its params', async () => {
  const backend = memoryBackend()
  const queue = createQueue(backend)
  const down = new Set<string>()
  const heart = new Heart({
    heartbeats: {} as Heartbeats,
    isDown: (task) => down.has(task),
    log: createLog({ service: 'test', environment: 'development', level: 'silent' }),
  })
  const worker = createWorker(backend, [
    handle(job, (outcome) => {
      if (outcome === 'fails') throw new Error('the disk is full')
      if (outcome === 'has none') throw new TaskError('no such number')
    }),
  ])
  heart.follow('sum2', worker)
  await worker.start()
  const after = async (outcome: string) => {
    const ticket = await queue.enqueue(job, outcome)
    await ticket.result().catch(() => {})
    return heart.health('sum2')
  }

  expect(await after('has none')).toBe('active')
  expect(await after('fails')).toBe('error')
  expect(await after('has none')).toBe('error')
  expect(await after('completes')).toBe('active')
  down.add('sum2')
  expect(heart.health('sum2')).toBe('queue')

  for (const each of [worker, queue, backend]) await each.close()
})
