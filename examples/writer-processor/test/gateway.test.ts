import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { BackendError, memoryBackend, type Backend } from '@jobport/core'
import { createLog, observe } from '@jobport/example-service'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createWriter, type Writer } from '../src/writer/writer.ts'
import { startGateway, type Gateway } from './gateway.ts'
import { message } from './stage.ts'

const body = JSON.stringify(message)
/** So low that it makes no difference how long a busy machine needs for many requests. */
const RATE = 1
const BURST = 10

let failing: BackendError | undefined
let writer: Writer
let gateway: Gateway
/** Callers from different addresses, so that no test uses up another's rate. Linux has all of 127.0.0.0/8. */
let callers = 1
const newCaller = (): string => `127.0.1.${callers++}`

/** nginx logs a request when it has answered it. */
const logged = (id: string): any => gateway.log().find(({ requestId }) => requestId === id)

beforeAll(async () => {
  const memory = memoryBackend()
  const backend = new Proxy(memory, {
    get: (target, name) => {
      if (name === 'enqueue' && failing !== undefined) return () => Promise.reject(failing!)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  }) as Backend<any>
  const log = createLog({ service: 'writer', environment: 'development', level: 'silent' })
  const operations = observe({ backend, log })
  writer = await createWriter({
    backend,
    log,
    operations,
    maxInFlight: 100,
    bulkLimit: 100,
    bodyLimit: 64 * 1_024,
    patience: 5_000,
  })
  writer.app.get('/docs/broken', (_, reply) => reply.code(500).send('Error: the password is hunter2\n  at main.ts:1'))
  await writer.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = writer.app.server.address() as AddressInfo
  gateway = await startGateway(`127.0.0.1:${port}`, {
    GATEWAY_RATE: `${RATE}`,
    GATEWAY_BURST: `${BURST}`,
    GATEWAY_BODY_KIB: '64',
    GATEWAY_HEALTH_FROM: '127.0.0.1/32',
  })
})
afterAll(async () => {
  await gateway?.stop()
  await writer?.close()
})

describe('the gateway', () => {
  it('ends TLS, of 1.2 at least, and sends plain HTTP there with its method', async () => {
    const { status, body: answer, headers } = await gateway.ask('/messages', { body, from: newCaller() })
    expect([status, answer.status]).toEqual([202, 'accepted'])
    expect(headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      server: 'nginx',
    })
    const plain = await fetch(`${gateway.httpUrl}/messages?a=1`, { method: 'POST', body, redirect: 'manual' })
    expect([plain.status, plain.headers.get('location')]).toEqual([
      308,
      `https://127.0.0.1:${gateway.httpsPort}/messages?a=1`,
    ])
    const options = { port: gateway.httpsPort, host: '127.0.0.1', ca: gateway.certificate }
    const old = connect({ ...options, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
    const [refusal] = await once(old, 'error').catch((error: unknown) => [error])
    expect(String(refusal)).toMatch(/alert protocol version/i)
  })

  it('limits the rate of a client, and says when to come back; other clients feel nothing of it', async () => {
    const [hasty, other] = [newCaller(), newCaller()]
    const answers = await Promise.all(Array.from({ length: 60 }, () => gateway.ask('/messages', { body, from: hasty })))
    const refused = answers.filter(({ status }) => status === 429)
    expect(answers.filter(({ status }) => status === 202).length).toBeGreaterThanOrEqual(BURST)
    expect(refused.length).toBeGreaterThan(10)
    expect(refused[0]).toMatchObject({
      headers: { 'retry-after': '1' },
      body: {
        error: { code: 'too-many', message: `a client may make ${RATE} requests a second, and 100 at the same time` },
      },
    })
    expect((await gateway.ask('/messages', { body, from: other })).status).toBe(202)
  })

  it('refuses a body that is too long before the writer sees it', async () => {
    const id = 'too-long-1'
    const long = JSON.stringify({ ...message, text: 'x'.repeat(70_000) })
    const answer = await gateway.ask('/messages', { body: long, headers: { 'x-request-id': id }, from: newCaller() })
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'too-large', requestId: id } } })
    await expect.poll(() => logged(id)).toMatchObject({ status: 413, upstream: '' })
  })

  it('lets a long body through that is not too long', async () => {
    const messages = Array.from({ length: 4 }, () => ({ ...message, text: 'x'.repeat(12_000) }))
    const answer = await gateway.ask('/messages/bulk', { body: JSON.stringify({ messages }), from: newCaller() })
    expect(answer).toMatchObject({ status: 202, body: { accepted: 4 } })
  })

  it('gives every request an id: that of the caller, or one of its own where that is none', async () => {
    const from = newCaller()
    const given = await gateway.ask('/messages', { body: '{}', headers: { 'x-request-id': 'mine-1' }, from })
    expect([given.headers['x-request-id'], given.body.error.requestId]).toEqual(['mine-1', 'mine-1'])
    const bad = await gateway.ask('/messages', { body: '{}', headers: { 'x-request-id': '"} {"a' }, from })
    expect(bad.headers['x-request-id']).toMatch(/^[\da-f]{32}$/)
    expect(bad.body.error.requestId).toBe(bad.headers['x-request-id'])
    await expect.poll(() => logged('mine-1')).toMatchObject({ status: 400, path: '/messages' })
  })

  it.each([
    ['{', 400, 'not-json', undefined],
    ['{"topic":"a"}', 400, 'invalid', 'body.text'],
  ])('passes through what helps a caller: %s', async (body, status, code, field) => {
    const answer = await gateway.ask('/messages', { body, from: newCaller() })
    expect(answer).toMatchObject({ status, body: { error: { code } } })
    expect(answer.body.error.field).toBe(field)
  })

  it('masks what the service fails at', async () => {
    failing = new BackendError('denied', 'sqs', 'the password is hunter2')
    const answer = await gateway.ask('/messages', { body, from: newCaller() })
    failing = undefined
    expect(answer).toMatchObject({ status: 500, body: { error: { code: 'internal' } } })
    expect(answer.headers['retry-after']).toBeUndefined()
    const broken = await gateway.ask('/docs/broken', { from: newCaller() })
    expect(broken).toMatchObject({ status: 500, body: { error: { code: 'internal' } } })
  })

  it('masks why messages cannot be taken, and keeps when to come back', async () => {
    failing = new BackendError('throttled', 'sqs', 'slow down')
    const answer = await gateway.ask('/messages', { body, from: newCaller() })
    failing = undefined
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } })
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(3)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  })

  it.each(['/metrics', '/readyz', '/messages/', '/', '/healthz/x'])('has no %s', async (path) => {
    expect(await gateway.ask(path)).toMatchObject({ status: 404, body: { error: { code: 'not-found' } } })
  })

  it('shows its health inside only', async () => {
    expect(await gateway.ask('/healthz', { from: '127.0.0.1' })).toMatchObject({ status: 200, body: 'ok\n' })
    expect(await gateway.ask('/healthz', { from: newCaller() })).toMatchObject({ status: 404 })
  })

  it('publishes how to call', async () => {
    const from = newCaller()
    expect((await gateway.ask('/openapi.json', { from })).body.paths).toHaveProperty('/messages')
    const docs = await gateway.ask('/docs/', { from })
    expect([docs.status, docs.headers['content-security-policy']]).toEqual([200, expect.stringContaining("'self'")])
  })
})

it('a gateway without a writer answers 503, and says when to come back', async () => {
  const alone = await startGateway('127.0.0.1:9', {})
  try {
    expect(await alone.ask('/messages', { body })).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      body: { error: { code: 'unavailable' } },
    })
  } finally {
    await alone.stop()
  }
})

it('a gateway without a certificate does not start, but in development', async () => {
  const script = fileURLToPath(new URL('../gateway/start.sh', import.meta.url))
  const state = mkdtempSync(join(tmpdir(), 'jobport-gateway-'))
  onTestFinished(() => rmSync(state, { recursive: true }))
  const env = { ...process.env, APP_ENV: 'production', GATEWAY_STATE: state }
  const failure = await promisify(execFile)('sh', [script], { env }).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 2, stderr: expect.stringContaining('GATEWAY_CERTIFICATE') })
})
