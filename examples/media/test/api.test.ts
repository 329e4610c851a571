import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { createQueue } from '@jobport/core'
import { createLog, observe, type Http } from '@jobport/example-service'
import { AddressGuard } from '@jobport/notifier'
import { redisBackend } from '@jobport/redis-adapter'
import { Redis } from 'ioredis'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createApi } from '../src/api/api.ts'
import { createTokens } from '../src/identity/token.ts'
import { Intake } from '../src/intake/intake.ts'
import { redisCatalogue } from '../src/items/catalogue.ts'
import { directoryStorage } from '../src/storage/directory.ts'
import { temporaryFolder } from './program.ts'

const tokens = createTokens('a secret for the tests of the media service')
const MAX_BYTES = 100_000

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: any
}

/** The producer in this process, with nobody who works on what is handed in. */
async function start({ mostWaiting = 100 } = {}) {
  const namespace = `media-${randomUUID().slice(0, 8)}`
  const url = process.env['REDIS_URL']!
  const backend = redisBackend({ url, namespace })
  await backend.open()
  const redis = new Redis(url)
  const storage = directoryStorage(temporaryFolder())
  await storage.open()
  const log = createLog({ service: 'test', environment: 'development', level: 'silent' })
  const queue = createQueue(backend)
  const catalogue = redisCatalogue(redis, namespace)
  const { http, live } = await createApi({
    log,
    operations: observe({ backend, log }),
    backend,
    inspect: queue.inspect,
    tokens,
    intake: new Intake({ queue, storage, catalogue, guard: new AddressGuard(), mostWaiting }),
    catalogue,
    storage,
    maxBytes: MAX_BYTES,
    openSignIn: false,
    publicUrl: 'https://media.example.org',
    page: fileURLToPath(new URL('../src/page', import.meta.url)),
  })
  onTestFinished(async () => {
    await live.close()
    await http.close()
    await queue.close()
    await backend.close()
    redis.disconnect()
  })
  return { http, inspect: queue.inspect, storage, ada: await userOf(http, 'ada'), eve: await userOf(http, 'eve') }
}

async function userOf(http: Http, user: string) {
  const token = await tokens.sign({ user, application: 'test' }, '1h')
  const authorization = `Bearer ${token}`
  const inject = async (options: object): Promise<Answer> => {
    const { statusCode, headers, payload } = await http.inject(options)
    const isJson = String(headers['content-type']).startsWith('application/json')
    return { status: statusCode, headers, body: isJson ? JSON.parse(payload) : payload }
  }
  return {
    get: (url: string) => inject({ url, headers: { authorization } }),
    link: (payload: object, key: string = randomUUID()) =>
      inject({ method: 'POST', url: '/items/link', payload, headers: { authorization, 'idempotency-key': key } }),
    async upload(name: string, content: Buffer, key: string = randomUUID()) {
      const form = new FormData()
      form.append('file', new Blob([new Uint8Array(content)]), name)
      const request = new Request('http://localhost', { method: 'POST', body: form })
      return inject({
        method: 'POST',
        url: '/items/upload',
        payload: Buffer.from(await request.arrayBuffer()),
        headers: { authorization, 'idempotency-key': key, 'content-type': request.headers.get('content-type')! },
      })
    },
  }
}

function names({ body }: Answer): unknown {
  return body.items.map(({ name }: { readonly name: string }) => name)
}

const png = await sharp({ create: { width: 20, height: 10, channels: 3, background: '#3fa7d6' } })
  .png()
  .toBuffer()

describe('an upload', () => {
  it('becomes an item of its user, whatever its name says of its type', async () => {
    const { ada, storage } = await start()
    const receipt = await ada.upload('holiday.txt', png)
    expect(receipt).toMatchObject({ status: 202, body: { kind: 'image', repeated: false } })
    const { id } = receipt.body as { id: string }
    expect(receipt.headers['location']).toBe(`/items/${id}`)
    expect(await ada.get(`/items/${id}`)).toMatchObject({
      status: 200,
      body: { id, name: 'holiday.txt', state: 'waiting', failures: 0 },
    })
    expect(await storage.locate(`${id}/original.bin`)).toBeDefined()
  })

  it('that is repeated with its key is the same item', async () => {
    const { ada, inspect } = await start()
    const [first, second] = [await ada.upload('a.png', png, 'k1'), await ada.upload('a.png', png, 'k1')]
    expect(second.body).toEqual({ ...first.body, repeated: true })
    expect((await inspect.counts('images')).waiting).toBe(1)
  })

  it('of another user with the same key is another item', async () => {
    const { ada, eve } = await start()
    const [hers, anothers] = [await ada.upload('a.png', png, 'k1'), await eve.upload('a.png', png, 'k1')]
    expect(hers.body.id).not.toBe(anothers.body.id)
  })

  it.each([
    ['that is no image or video', Buffer.from('<svg onload="alert(1)"/>'), 415, 'unknown-media'],
    ['that is too large', Buffer.alloc(MAX_BYTES + 1, png), 413, 'too-large'],
  ])('%s is refused, and nothing is left of it', async (_, content, status, code) => {
    const { ada, inspect } = await start()
    expect(await ada.upload('a.png', content)).toMatchObject({ status, body: { error: { code } } })
    expect((await ada.get('/items')).body).toEqual({ items: [] })
    expect(await inspect.queues()).toEqual([])
  })

  it('without a file is refused', async () => {
    const { http, ada } = await start()
    expect(ada).toBeDefined()
    const authorization = `Bearer ${await tokens.sign({ user: 'ada', application: 'test' }, '1h')}`
    const headers = { authorization, 'content-type': 'application/json' }
    const answer = await http.inject({ method: 'POST', url: '/items/upload', payload: '{}', headers })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ error: { field: 'body.file' } })
  })

  it('is refused while too much waits', async () => {
    const { ada } = await start({ mostWaiting: 0 })
    expect(await ada.upload('a.png', png)).toMatchObject({ status: 503, body: { error: { code: 'busy' } } })
  })
})

describe('a link', () => {
  it('becomes an item, named after its path', async () => {
    const { ada } = await start()
    const { status, body } = await ada.link({ url: 'https://example.org/pictures/my%20cat.jpg?size=1' })
    expect(status).toBe(202)
    expect((await ada.get(`/items/${body.id}`)).body).toMatchObject({ kind: 'link', name: 'my cat.jpg' })
  })

  it.each([
    ['http://127.0.0.1/a.jpg', 'forbidden-address'],
    ['http://0x7f000001/a.jpg', 'forbidden-address'],
    ['http://[::ffff:10.0.0.1]/a.jpg', 'forbidden-address'],
    ['http://169.254.169.254/latest', 'forbidden-address'],
    ['file:///etc/passwd', 'invalid'],
    ['https://ada:secret@example.org/', 'invalid'],
    ['a.jpg', 'invalid'],
  ])('to %s is refused', async (url, code) => {
    const { ada } = await start()
    expect(await ada.link({ url })).toMatchObject({ status: 400, body: { error: { code, field: 'body.url' } } })
  })
})

describe('items', () => {
  it('are listed newest first, in pages', async () => {
    const { ada } = await start()
    for (const name of ['1.png', '2.png', '3.png']) await ada.upload(name, png)
    const first = await ada.get('/items?limit=2')
    expect(names(first)).toEqual(['3.png', '2.png'])
    const second = await ada.get(`/items?limit=2&after=${first.body.next}`)
    expect(names(second)).toEqual(['1.png'])
    expect(second.body.next).toBeUndefined()
  })

  it('of others are as unknown as those that are none, and so are other jobs', async () => {
    const { ada, eve } = await start()
    const { id } = (await ada.upload('a.png', png)).body
    for (const url of [`/items/${id}`, `/items/${id}/files/small.webp`, `/items/expire-${id}`, '/items/image-1'])
      expect(await eve.get(url)).toMatchObject({ status: 404, body: { error: { code: 'not-found' } } })
    expect((await ada.get(`/items/expire-${id}`)).status).toBe(404)
    expect((await eve.get('/items')).body).toEqual({ items: [] })
  })

  it('have no other files than those that were made', async () => {
    const { ada } = await start()
    const { id } = (await ada.upload('a.png', png)).body
    expect((await ada.get(`/items/${id}/files/original.bin`)).status).toBe(400)
    expect((await ada.get(`/items/${id}/files/small.webp`)).status).toBe(404)
    expect((await ada.get(`/items/${id}/files/..%2f..%2fdrafts`)).status).toBe(400)
  })
})

describe('without a token', () => {
  it.each(['/items', '/items/image-1', '/items/image-1/files/small.webp', '/events', '/session'])(
    '%s is refused',
    async (url) => {
      const { http } = await start()
      const answer = await http.inject({ url })
      expect(answer.statusCode).toBe(401)
      expect(answer.json()).toMatchObject({ error: { code: 'unauthorized' } })
    },
  )

  it('nobody signs in where that is not open', async () => {
    const { http } = await start()
    const answer = await http.inject({ method: 'POST', url: '/session', payload: { user: 'ada' } })
    expect(answer.statusCode).toBe(404)
  })
})

it('says in OpenAPI how a file is handed in', async () => {
  const { http } = await start()
  const { paths } = (await http.inject('/openapi.json')).json<{ paths: any }>()
  expect(paths['/items/upload'].post.requestBody.content['multipart/form-data'].schema.properties).toEqual({
    file: { type: 'string', format: 'binary' },
  })
})
