import { createQueue, createWorker, defineJob, handle, memoryBackend, type } from '@jobport/core'
import { expect, it } from 'vitest'
import { createLogging } from '../index.ts'
import { memoryLogger } from '../../test/memory-logger.ts'

const encode = defineJob('media.encode', { input: type<string>(), output: type<void>(), retry: { retries: 0 } })

it('tells a logger what a worker does, with the job in every line', async () => {
  const logger = memoryLogger()
  const logging = createLogging(logger, { levels: { completed: 'info', started: 'debug' } })
  const backend = memoryBackend()
  const queue = createQueue(backend)
  const worker = createWorker(
    backend,
    [
      handle(encode, (what, { job, log, progress }) => {
        logging.for(job).info({ frames: 12 }, 'encoding')
        progress(0.5)
        log('half way')
        if (what === 'bad') throw new RangeError('no such codec')
      }),
    ],
    // A machine that holds up the thread would have its line too.
    { instrumentation: logging, blockedAfter: '1h' },
  )
  const dead = new Promise<void>((resolve) => worker.on('dead', () => resolve()))
  await worker.start()
  const { id } = await queue.enqueue(encode, 'bad', { group: 'film' })
  await dead
  await worker.close()
  const job = { id, name: 'media.encode', queue: 'default', attempt: 1, group: 'film' }
  expect(logger.lines).toMatchObject([
    { level: 'debug', message: 'job started', job },
    { level: 'info', message: 'encoding', job, frames: 12 },
    { level: 'debug', message: 'job progress', job, progress: 0.5 },
    { level: 'info', message: 'half way', job },
    { level: 'warn', message: 'attempt failed', job, err: { name: 'RangeError', message: 'no such codec' } },
    { level: 'error', message: 'job is dead', job, err: { name: 'RangeError' } },
  ])
})

it('hides fields by name and by path, and credentials in texts and errors, at any depth', () => {
  const logger = memoryLogger()
  const logging = createLogging(logger, { redact: ['card.number', 'users.*.mail'] })
  const self: Record<string, unknown> = { url: 'redis://:canary@host' }
  self['self'] = self
  logging.logger.child({ password: 'canary', tenant: 'acme' }).warn(
    {
      headers: { authorization: 'canary', 'x-api-key': 'canary', 'set-cookie': ['canary'], accept: 'any' },
      input: { card: { number: 'canary', name: 'Ada' }, users: [{ mail: 'canary' }] },
      err: new Error('amqp://u:canary@host', { cause: new Error('token=canary') }),
      self,
      throws: {
        get broken(): never {
          throw new Error('canary')
        },
      },
    },
    'to postgres://ada:canary@db',
  )
  const [line] = logger.lines
  expect(JSON.stringify(line)).not.toContain('canary')
  expect(line).toMatchObject({
    tenant: 'acme',
    message: 'to postgres://***@db',
    headers: { accept: 'any', authorization: '***' },
    input: { card: { number: '***', name: 'Ada' } },
    err: { message: 'amqp://***@host' },
  })
})
