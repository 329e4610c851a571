import { faultProxy, type Fault } from '@jobport/fault-proxy'
import sharp from 'sharp'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startStack } from './stack.ts'

const picture = await sharp({ create: { width: 20, height: 10, channels: 3, background: '#3fa7d6' } })
  .png()
  .toBuffer()

it.each([
  ['refuses connections', { kind: 'refuse' }],
  ['is silent', { kind: 'delay', ms: Infinity }],
] satisfies [string, Fault][])(
  'while Redis %s, callers are told to come again within seconds, and what they repeat is one item',
  { timeout: 180_000 },
  async (_, fault) => {
    const redis = new URL(process.env['REDIS_URL']!)
    const proxy = await faultProxy({ port: Number(redis.port), host: redis.hostname })
    onTestFinished(() => proxy.close())
    const { url, token } = await startStack({ REDIS_URL: proxy.through(redis.href) })
    const authorization = `Bearer ${await token({ user: 'ada' })}`

    const ask = async (path: string, init: RequestInit = {}, headers: Readonly<Record<string, string>> = {}) => {
      const answer = await fetch(new URL(path, url), { ...init, headers: { authorization, ...headers } })
      return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: await answer.json() }
    }
    const upload = () => {
      const body = new FormData()
      body.append('file', new Blob([new Uint8Array(picture)]), 'a.png')
      return ask('/items/upload', { method: 'POST', body }, { 'idempotency-key': 'k1' })
    }
    const link = () => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': 'k2' }
      return ask('/items/link', { method: 'POST', body: '{"url":"https://example.org/a.jpg"}' }, headers)
    }

    await proxy.inject(fault)
    const began = performance.now()
    for (const answer of await Promise.all([upload(), link(), ask('/items'), ask('/items/image-1')]))
      expect(answer).toMatchObject({ status: 503, retryAfter: '5', body: { error: { code: 'unavailable' } } })
    expect(performance.now() - began).toBeLessThan(20_000)
    expect((await fetch(new URL('/readyz', url))).status).toBe(503)
    expect((await fetch(new URL('/healthz', url))).status).toBe(200)

    await proxy.heal()
    await vi.waitFor(async () => expect((await upload()).status).toBe(202), { timeout: 60_000, interval: 200 })
    await vi.waitFor(async () => expect((await link()).status).toBe(202), { timeout: 60_000, interval: 200 })
    expect((await upload()).body).toMatchObject({ repeated: true })
    expect((await ask('/items')).body).toMatchObject({ items: [{}, {}] })
  },
)
