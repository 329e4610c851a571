import { BackendError, memoryBackend } from '@jobport/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ClientError, createHttp, createLog, observe, type Http } from '../src/index.ts'

const backend = memoryBackend()
const lines: string[] = []
let app: Http

beforeAll(async () => {
  await backend.open()
  const destination = { write: (line: string) => void lines.push(line) }
  const log = createLog({ service: 'test', environment: 'development', level: 'info', destination })
  const { endpoints } = observe({ backend, log })
  const facts = { title: 'Test', description: 'A service', version: '1.2.3' }
  app = await createHttp({ log, ...facts, endpoints, bodyLimit: 200, away: 'come again' })
  app.post('/things', { schema: { body: z.object({ thing: z.object({ size: z.int() }) }) } }, async ({ body }) => {
    if (body.thing.size === 1) throw new ClientError(409, 'taken', 'there is one of that size', 'body.thing.size')
    if (body.thing.size === 2) throw new Error('the password is hunter2')
    if (body.thing.size === 4) throw new BackendError('unavailable', 'test', 'nobody is at hunter2')
    if (body.thing.size === 5) throw new BackendError('denied', 'test', 'hunter2 is wrong')
    return { size: body.thing.size }
  })
  await app.ready()
})
afterAll(async () => {
  await app.close()
  await backend.close()
})

async function post(payload: string, headers: Record<string, string> = {}) {
  const answer = await app.inject({
    method: 'POST',
    url: '/things',
    payload,
    headers: { 'content-type': 'application/json', 'x-request-id': 'r1', ...headers },
  })
  return {
    status: answer.statusCode,
    id: answer.headers['x-request-id'],
    retryAfter: answer.headers['retry-after'],
    body: answer.json<{ error?: { field?: string } }>(),
  }
}

describe('a request', () => {
  it('that is right is answered, under the id it came with', async () => {
    expect(await post('{"thing":{"size":3}}')).toEqual({ status: 200, id: 'r1', body: { size: 3 } })
  })

  it('whose id could break a line of the log gets another', async () => {
    expect((await post('{"thing":{"size":3}}', { 'x-request-id': 'a b"' })).id).toMatch(/^[\da-f-]{36}$/)
  })

  it.each([
    ['{"thing":{"size":"3"}}', 400, 'invalid', 'body.thing.size'],
    ['{"thing":{"size":1}}', 409, 'taken', 'body.thing.size'],
    ['{', 400, 'not-json', undefined],
    ['', 400, 'not-json', undefined],
    [JSON.stringify({ long: 'x'.repeat(300) }), 413, 'too-large', undefined],
  ])('%s is refused with a code and the field', async (payload, status, code, field) => {
    const refused = await post(payload)
    expect(refused).toMatchObject({ status, body: { error: { code, requestId: 'r1' } } })
    expect(refused.body.error?.field).toBe(field)
  })

  it('in another form than JSON is refused', async () => {
    expect(await post('x', { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      body: { error: { code: 'media-type' } },
    })
  })

  it('that the service fails at is answered without a reason; the log has it', async () => {
    const failed = await post('{"thing":{"size":2}}')
    expect(failed.status).toBe(500)
    expect(JSON.stringify(failed.body)).not.toContain('hunter2')
    expect(lines.some((line) => line.includes('request failed') && line.includes('"reqId":"r1"'))).toBe(true)
  })

  it('that fails while the backend is away is told to come again; what does not pass is a failure', async () => {
    const away = await post('{"thing":{"size":4}}')
    const error = { code: 'unavailable', message: 'come again', requestId: 'r1' }
    expect(away).toMatchObject({ status: 503, retryAfter: '5', body: { error } })
    const denied = await post('{"thing":{"size":5}}')
    expect(denied).toMatchObject({ status: 500, body: { error: { code: 'internal' } } })
    expect(denied.retryAfter).toBeUndefined()
  })

  it('to nowhere is told where to look', async () => {
    const answer = await app.inject('/nowhere')
    expect(answer.json()).toMatchObject({ error: { code: 'not-found', message: expect.stringContaining('/docs') } })
  })
})

it('a server that closes answers what is under way, and keeps no connection open', async () => {
  const log = createLog({ service: 'test', environment: 'development', level: 'silent' })
  const app = await createHttp({ log, title: 'Test', description: 'A service', version: '1', endpoints: {} })
  const [arrived, closing] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const answered = Promise.withResolvers<string>()
  app.addHook('preClose', async () => closing.resolve())
  app.get('/slow', () => {
    arrived.resolve()
    return answered.promise
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const asked = fetch(`${url}/slow`)
  await arrived.promise
  const closed = app.close()
  await closing.promise
  answered.resolve('done')
  const answer = await asked
  expect([await answer.text(), answer.headers.get('connection')]).toEqual(['done', 'close'])
  await closed
})

describe('for operators', () => {
  it('there are health, readiness and metrics', async () => {
    expect((await app.inject('/healthz')).statusCode).toBe(200)
    expect((await app.inject('/readyz')).json()).toEqual({ ready: true, checks: { backend: true } })
    expect((await app.inject('/metrics')).body).toContain('jobport_backend_up 1')
  })

  it('there is OpenAPI, as JSON and as a page', async () => {
    expect((await app.inject('/openapi.json')).json()).toMatchObject({
      info: { title: 'Test', version: '1.2.3' },
      paths: { '/things': { post: { requestBody: { required: true } } } },
    })
    expect((await app.inject('/docs/')).statusCode).toBe(200)
  })
})
