import { BackendError, memoryBackend, type Backend } from '@jobport/core'
import { createLog, observe } from '@jobport/example-service'
import { expect, it, onTestFinished, describe } from 'vitest'
import { createWriter, type WriterOptions } from './writer.ts'

const message = { topic: 'order.created', text: 'no. 7' }

/** A backend without records, as SQS is, that notes what it is given and can be made to fail. */
function queueDouble() {
  const backend = memoryBackend()
  const sent: string[][] = []
  const double = {
    sent,
    fail: undefined as (() => Promise<never>) | undefined,
    backend: {
      ...backend,
      name: 'double',
      features: { ...backend.features, state: false },
      limits: backend.limits,
      open: () => backend.open(),
      close: () => backend.close(),
      health: () => backend.health(),
      enqueue: async (jobs: readonly { readonly id: string }[]) => {
        await double.fail?.()
        sent.push(jobs.map(({ id }) => id))
        return jobs.map(() => ({ status: 'enqueued' as const }))
      },
    } as unknown as Backend<any>,
  }
  return double
}

async function stage(options: Partial<WriterOptions> = {}) {
  const queue = queueDouble()
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const log = createLog({ service: 'writer', environment: 'development', level: 'info', destination })
  const operations = observe({ backend: queue.backend, log })
  const { app, close } = await createWriter({
    backend: queue.backend,
    log,
    operations,
    maxInFlight: 10,
    bulkLimit: 5,
    bodyLimit: 2_000,
    patience: 2_000,
    ...options,
  })
  onTestFinished(close)
  const post = async (url: string, payload: unknown, key?: string) => {
    const headers = key === undefined ? {} : { 'idempotency-key': key }
    const answer = await app.inject({ method: 'POST', url, payload: payload as object, headers })
    return { status: answer.statusCode, retryAfter: answer.headers['retry-after'], body: answer.json() }
  }
  return { ...queue, queue, app, lines, registry: operations.registry, post }
}

describe('one message', () => {
  it('is accepted under the id that the queue has', async () => {
    const { post, sent } = await stage()
    const { status, body } = await post('/messages', message)
    expect([status, body]).toEqual([202, { status: 'accepted', id: sent[0]![0] }])
  })

  it.each([
    [{ ...message, topic: 'Order Created' }, 'body.topic'],
    [{ ...message, text: '' }, 'body.text'],
    [{ topic: 'a' }, 'body.text'],
    [{ ...message, attributes: { a: 1 } }, 'body.attributes.a'],
    [{ ...message, more: 1 }, 'body'],
  ])('%j is refused, with the field', async (wrong, field) => {
    const { post, sent } = await stage()
    expect(await post('/messages', wrong)).toMatchObject({ status: 400, body: { error: { code: 'invalid', field } } })
    expect(sent).toEqual([])
  })

  it('that is too long is refused', async () => {
    const { post } = await stage()
    expect(await post('/messages', { ...message, text: 'x'.repeat(3_000) })).toMatchObject({ status: 413 })
  })
})

describe('a bulk', () => {
  it('is accepted as a whole', async () => {
    const { post, sent } = await stage()
    const { status, body } = await post('/messages/bulk', { messages: [message, { ...message, text: 'no. 8' }] })
    expect(status).toBe(202)
    expect(body).toMatchObject({ accepted: 2, refused: 0 })
    expect(body.messages).toEqual(sent[0]!.map((id, index) => ({ index, status: 'accepted', id })))
  })

  it('is accepted but for those that are wrong, each with its place and reason', async () => {
    const { post, sent } = await stage()
    const { status, body } = await post('/messages/bulk', { messages: [{ topic: '!', text: 'a' }, message, 7] })
    expect(status).toBe(207)
    expect(body).toMatchObject({
      accepted: 1,
      refused: 2,
      messages: [
        { index: 0, status: 'refused', code: 'invalid', field: 'body.messages.0.topic', retryable: false },
        { index: 1, status: 'accepted', id: sent[0]![0] },
        { index: 2, status: 'refused', code: 'invalid', field: 'body.messages.2' },
      ],
    })
  })

  it('has an end', async () => {
    const { post } = await stage()
    expect(await post('/messages/bulk', { messages: [] })).toMatchObject({ status: 400 })
    expect(await post('/messages/bulk', { messages: Array.from({ length: 6 }, () => message) })).toMatchObject({
      status: 400,
      body: { error: { field: 'body.messages' } },
    })
  })
})

describe('an idempotency key', () => {
  it('makes a repeat the same message, with the same answer, and no second send', async () => {
    const { post, sent } = await stage()
    const first = await post('/messages', message, 'key-00001')
    expect(await post('/messages', message, 'key-00001')).toEqual(first)
    expect(sent).toEqual([[first.body.id]])
  })

  it('makes the same id in another writer, which knows nothing of the first', async () => {
    const [one, another] = [await stage(), await stage()]
    const first = await one.post('/messages', message, 'key-00001')
    expect(await another.post('/messages', message, 'key-00001')).toEqual(first)
    expect(another.sent).toEqual(one.sent)
  })

  it('that is used for something else is refused', async () => {
    const { post } = await stage()
    await post('/messages', message, 'key-00001')
    expect(await post('/messages', { ...message, text: 'no. 8' }, 'key-00001')).toMatchObject({
      status: 422,
      body: { error: { code: 'key-reused', field: 'headers.idempotency-key' } },
    })
  })

  it('that is too short to be chosen once is refused', async () => {
    const { post } = await stage()
    expect(await post('/messages', message, '1')).toMatchObject({ status: 400 })
  })

  it('lets a call that failed be repeated', async () => {
    const { post, sent, queue } = await stage()
    queue.fail = () => Promise.reject(new BackendError('throttled', 'double', 'slow down'))
    expect((await post('/messages', message, 'key-00001')).status).toBe(503)
    queue.fail = undefined
    expect((await post('/messages', message, 'key-00001')).status).toBe(202)
    expect(sent).toHaveLength(1)
  })

  it('lets a repeat that comes too early wait for the first', async () => {
    const { post, sent, queue, registry } = await stage()
    const { promise, resolve } = Promise.withResolvers<void>()
    queue.fail = () => promise as Promise<never>
    const both = [post('/messages', message, 'key-00001'), post('/messages', message, 'key-00001')]
    await expect.poll(() => registry.getSingleMetricAsString('messages_in_flight')).toContain('messages_in_flight 2')
    resolve()
    const [first, second] = await Promise.all(both)
    expect(second).toEqual(first)
    expect(sent).toHaveLength(1)
  })
})

describe('back-pressure', () => {
  it('refuses what is more than may be on its way, and takes calls again afterwards', async () => {
    const { post, sent, queue, registry, lines } = await stage()
    const { promise, resolve } = Promise.withResolvers<void>()
    queue.fail = () => promise as Promise<never>
    const bulk = { messages: Array.from({ length: 5 }, () => message) }
    const waiting = [post('/messages/bulk', bulk), post('/messages', message)]
    await expect.poll(() => registry.getSingleMetricAsString('messages_in_flight')).toContain('messages_in_flight 6')
    // Too many for what is left, though one would fit.
    const refused = await post('/messages/bulk', bulk)
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'busy' } } })
    expect(Number(refused.retryAfter)).toBeGreaterThanOrEqual(1)
    waiting.push(...[1, 2, 3, 4].map(() => post('/messages', message)))
    await expect.poll(() => registry.getSingleMetricAsString('messages_in_flight')).toContain('messages_in_flight 10')
    expect(await post('/messages', message)).toMatchObject({ status: 503, body: { error: { code: 'busy' } } })
    resolve()
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 202])
    expect(sent.flat()).toHaveLength(10)
    expect((await post('/messages', message)).status).toBe(202)
    expect(lines.some((line) => line.includes('"level":"error"'))).toBe(false)
  })

  it('answers in time when the queue does not, and keeps the room until it does', async () => {
    const { post, queue, registry } = await stage({ patience: 50, maxInFlight: 5 })
    const { promise, resolve } = Promise.withResolvers<void>()
    queue.fail = () => promise as Promise<never>
    expect(await post('/messages', message, 'key-00001')).toMatchObject({
      status: 503,
      body: { error: { code: 'unavailable', message: expect.stringContaining('same Idempotency-Key') } },
    })
    expect(await registry.getSingleMetricAsString('messages_in_flight')).toContain('messages_in_flight 1')
    resolve()
    await expect.poll(() => registry.getSingleMetricAsString('messages_in_flight')).toContain('messages_in_flight 0')
  })

  it.each([
    ['throttled', 503, 'throttled'],
    ['unavailable', 503, 'unavailable'],
    ['denied', 500, 'internal'],
  ] as const)('a queue that is %s is a %d', async (code, status, told) => {
    const { post, queue } = await stage()
    queue.fail = () => Promise.reject(new BackendError(code, 'double', 'the password is hunter2'))
    const one = await post('/messages', message)
    expect(one).toMatchObject({ status, body: { error: { code: told } } })
    expect(one.retryAfter === undefined).toBe(status === 500)
    expect(await post('/messages/bulk', { messages: [message] })).toMatchObject({ status })
    expect(JSON.stringify(one)).not.toContain('hunter2')
  })
})

it('publishes what it takes and answers', async () => {
  const { app } = await stage()
  const { paths } = (await app.inject('/openapi.json')).json()
  expect(Object.keys(paths)).toEqual(['/messages', '/messages/bulk'])
  const { items } = paths['/messages/bulk'].post.requestBody.content['application/json'].schema.properties.messages
  expect(Object.keys(items.properties)).toEqual(['topic', 'text', 'attributes'])
  expect(Object.keys(paths['/messages'].post.responses)).toEqual([
    '202',
    '400',
    '413',
    '415',
    '422',
    '429',
    '500',
    '503',
  ])
  expect(paths['/messages'].post.parameters).toMatchObject([{ in: 'header', name: 'idempotency-key', required: false }])
})
