import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createQueue, createWorker, handle, memoryBackend } from '@jobport/core'
import { NOTIFICATION_QUEUE } from '@jobport/core/notify'
import sharp from 'sharp'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../../test/program.ts'
import { thumbnail } from '../jobs.ts'
import { makeThumbnail } from '../../media/thumbnail.ts'
import { createMediaNotifier } from '../notifications.ts'
import { produce } from '../producer.ts'
import { listItems } from '../run/items.ts'
import { openRun } from '../run/run-folder.ts'
import { judge } from './outcome.ts'

/** A run on the memory backend over a good and a damaged image, up to its end. `spoil`: makes the good one fail. */
async function finishedRun({ spoil = false } = {}) {
  const input = temporaryFolder()
  const image = sharp({ create: { width: 90, height: 60, channels: 3, background: '#18a999' } })
  await image.png().toFile(join(input, 'good.png'))
  await writeFile(join(input, 'torn.png'), (await image.png().toBuffer()).subarray(0, 60))
  const run = await openRun(temporaryFolder(), input, false)
  const items = await listItems(input)
  const backend = memoryBackend()
  const queue = createQueue(backend)
  const handler = handle(thumbnail, ({ source, target }, { signal }) => {
    if (spoil && source.endsWith('good.png')) throw new Error('out of paint')
    return makeThumbnail(source, target, signal)
  })
  const worker = createWorker(backend, [handler])
  const told: string[] = []
  const notifier = createMediaNotifier(backend, run, (line) => told.push(line))
  onTestFinished(async () => {
    await Promise.all([worker.close(), notifier.close()])
    await backend.close()
  })
  await produce(queue, items, run)
  await produce(queue, items, run)
  await Promise.all([worker.start(), notifier.start()])
  const open = async (queue: string): Promise<number> => {
    const { waiting, scheduled, active } = await backend.inspect.counts(queue)
    return waiting + scheduled + active
  }
  await expect.poll(() => open('images')).toBe(0)
  expect((await backend.inspect.counts('images')).dead).toBe(spoil ? 2 : 1)
  await expect.poll(() => open(NOTIFICATION_QUEUE)).toBe(0)
  return { backend, items, run, told }
}

it(
  'is as expected when the damaged image alone is dead, after five retries, and everybody was told once',
  { timeout: 180_000 },
  async () => {
    const { backend, items, run, told } = await finishedRun()
    const outcome = await judge(backend.inspect, items, run, ['torn.png'])
    expect(outcome).toMatchObject({
      jobs: 2,
      completed: 1,
      dead: ['torn.png'],
      retries: 5,
      crashes: 0,
      told: { users: 2, admins: 1 },
      problems: [],
    })
    expect(outcome.tiles).toEqual([{ kind: 'image', file: expect.stringContaining('good-png') }, { kind: 'none' }])
    expect(told).toEqual([expect.stringContaining('media.thumbnail of torn.png is dead after 6 attempts')])
  },
)

it('names what is not as expected', { timeout: 180_000 }, async () => {
  const { backend, items, run } = await finishedRun({ spoil: true })
  const [good] = items
  await writeFile(run.outbox.admins, '')
  const { problems } = await judge(backend.inspect, [...items, { ...good!, id: 'unknown', name: 'lost.png' }], run, [])
  expect(problems).toEqual([
    'good.png is dead: out of paint',
    'there is no record of lost.png',
    'the administrators about good.png: told 0 times, not 1',
    'the administrators about torn.png: told 0 times, not 1',
    'the user of lost.png: told 0 times, not 1',
  ])
})

it('misses a death that should have been', { timeout: 180_000 }, async () => {
  const { backend, items, run } = await finishedRun()
  const { problems } = await judge(backend.inspect, items, run, ['torn.png', 'good.png'])
  expect(problems).toEqual(['good.png is damaged and was completed all the same'])
})
