import { randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sampleMessage } from '../../test/message.ts'
import { context, local, receiver } from '../../test/receiver.ts'
import { webhookChannel, type Channel, type WebhookBody, type WebhookChannelOptions } from '../index.ts'

const secret = `whsec_${randomBytes(32).toString('base64')}`
const newSecret = `whsec_${randomBytes(24).toString('base64')}`

function open(options: WebhookChannelOptions): Channel {
  const channel = webhookChannel({ ...local, ...options })
  onTestFinished(() => channel.close!())
  return channel
}

describe('a webhook', () => {
  it('is signed so that the standardwebhooks package takes it, and carries the id of the notification', async () => {
    const { received, url } = await receiver((response) => response.end())
    const result = await open({ endpoint: { url, secret } }).deliver(sampleMessage(), context)
    expect(result).toEqual({ status: 'delivered', receipt: 'status 200' })
    const { headers, body } = received[0]!
    expect(headers['webhook-id']).toBe('j1:dead:abc')
    const verified = new Webhook(secret).verify(body, headers as Record<string, string>) as WebhookBody
    expect(verified).toMatchObject({
      type: 'job.dead',
      timestamp: '2026-11-22T12:00:00.000Z',
      data: {
        id: 'j1:dead:abc',
        severity: 'error',
        job: { id: 'j1' },
        error: { name: 'TypeError', message: 'no stream' },
      },
    })
    const forged = body.replace('j1', 'j2')
    expect(() => new Webhook(secret).verify(forged, headers as Record<string, string>)).toThrow('No matching signature')
  })

  it('is signed by all secrets while one takes the place of another', async () => {
    const { received, url } = await receiver((response) => response.end())
    await open({ endpoint: { url, secret: [newSecret, secret] } }).deliver(sampleMessage(), context)
    const { headers, body } = received[0]!
    for (const each of [secret, newSecret]) {
      expect(() => new Webhook(each).verify(body, headers as Record<string, string>)).not.toThrow()
    }
    const other = `whsec_${randomBytes(24).toString('base64')}`
    expect(() => new Webhook(other).verify(body, headers as Record<string, string>)).toThrow('No matching signature')
  })

  it('shows input and result only where it is allowed to, never headers or stack', async () => {
    const { received, url } = await receiver((response) => response.end())
    const message = sampleMessage({ result: { token: 'r3s' }, input: { card: 'inp' } })
    await open({ endpoint: { url, secret } }).deliver(message, context)
    expect(received[0]!.body).not.toMatch(/r3s|inp|s3|secret\.ts/)
    await open({ endpoint: { url, secret }, include: ['result', 'input'] }).deliver(message, context)
    expect(received[1]!.body).toMatch(/r3s.*inp/)
  })

  it('leaves out what does not fit', async () => {
    const { received, url } = await receiver((response) => response.end())
    const channel = open({ endpoint: { url, secret }, include: ['result'] })
    await channel.deliver(sampleMessage({ result: 'x'.repeat(100_000) }), context)
    expect(received[0]!.body.length).toBeLessThan(65_536)
    expect((JSON.parse(received[0]!.body) as WebhookBody).data.abridged).toBe(true)
  })

  it('goes to the endpoint of its recipient', async () => {
    const { received, url } = await receiver((response) => response.end())
    const channel = open({ endpoint: ({ to }) => (to.user === 'ada' ? { url: `${url}/ada`, secret } : undefined) })
    await channel.deliver(sampleMessage(), context)
    expect(await channel.deliver(sampleMessage({ to: { user: 'bob' } }), context)).toMatchObject({
      status: 'delivered',
    })
    expect(received.map(({ path }) => path)).toEqual(['/hook/ada'])
  })
})

describe('the answer', () => {
  it.each([
    [204, 'delivered'],
    [400, 'permanent'],
    [401, 'retryable'],
    [404, 'retryable'],
    [408, 'retryable'],
    [413, 'permanent'],
    [422, 'permanent'],
    [500, 'retryable'],
  ])('%i means %s', async (status, expected) => {
    const { url } = await receiver((response) => response.writeHead(status).end('no'))
    expect(await open({ endpoint: { url, secret } }).deliver(sampleMessage(), context)).toMatchObject({
      status: expected,
    })
  })

  it('410 disables the endpoint: nothing is sent there any more', async () => {
    const { received, url } = await receiver((response) => response.writeHead(410).end())
    const gone = new Set<string>()
    const channel = open({ endpoint: { url, secret }, gone })
    expect(await channel.deliver(sampleMessage(), context)).toMatchObject({ status: 'permanent' })
    expect(await channel.deliver(sampleMessage(), context)).toMatchObject({ status: 'permanent' })
    expect(received).toHaveLength(1)
    expect([...gone]).toEqual([url])
  })

  it.each([
    ['7', 7_000],
    ['999999999', 86_400_000],
    [new Date(Date.now() + 3_600_000).toUTCString(), 3_600_000],
  ])('503 with Retry-After: %s is honoured', async (header, wait) => {
    const { received, url } = await receiver((response) => response.writeHead(503, { 'retry-after': header }).end())
    const result = await open({ endpoint: { url, secret } }).deliver(sampleMessage(), context)
    expect(result).toMatchObject({ status: 'retryable' })
    const { retryAfter } = result as { retryAfter: number }
    expect(Math.abs(retryAfter - wait)).toBeLessThan(60_000)
    expect(received).toHaveLength(1)
  })

  it('a redirect is not followed', async () => {
    const inner = await receiver((response) => response.end('secrets'))
    const { received, url } = await receiver((response) => response.writeHead(302, { location: inner.url }).end())
    const result = await open({ endpoint: { url, secret } }).deliver(sampleMessage(), context)
    expect(result).toEqual({ status: 'retryable', reason: 'the receiver answered 302; redirects are not followed' })
    expect(received).toHaveLength(1)
    expect(inner.received).toHaveLength(0)
  })

  it('of a gateway without its server is asked for again within the attempt', async () => {
    let calls = 0
    const { url } = await receiver((response) => response.writeHead(++calls < 3 ? 502 : 200).end())
    expect(await open({ endpoint: { url, secret } }).deliver(sampleMessage(), context)).toMatchObject({
      status: 'delivered',
    })
    expect(calls).toBe(3)
    calls = -10
    const result = await open({ endpoint: { url, secret }, repeats: 0 }).deliver(sampleMessage(), context)
    expect(result).toEqual({ status: 'retryable', reason: 'the receiver answered 502' })
  })

  it('that does not come ends with the timeout', async () => {
    const { received, url } = await receiver(() => {})
    const channel = open({ endpoint: { url, secret }, timeout: '1s' })
    await expect(channel.deliver(sampleMessage(), context)).rejects.toThrow(/timeout/i)
    expect(received).toHaveLength(1)
  })

  it('that never ends is not read to its end', async () => {
    const { url } = await receiver((response) => {
      response.writeHead(200)
      const write = (): void => {
        if (response.write('x'.repeat(65_536))) setImmediate(write)
        else response.once('drain', write)
      }
      write()
    })
    expect(await open({ endpoint: { url, secret } }).deliver(sampleMessage(), context)).toMatchObject({
      status: 'delivered',
    })
  })
})

it.each([
  ['not a URL', { url: 'hook', secret }],
  ['not https', { url: 'http://example.org', secret }],
  ['a password', { url: 'https://a:b@example.org', secret }],
  ['a private address', { url: 'https://10.0.0.1', secret }],
  ['no secret', { url: 'https://example.org', secret: [] }],
  ['a short secret', { url: 'https://example.org', secret: 'whsec_c2hvcnQ=' }],
])('refuses %s when it is made', (_, endpoint) => {
  expect(() => webhookChannel({ endpoint })).toThrow(/^endpoint|^secret/)
})
