import { faultProxy } from '@jobport/fault-proxy'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Client, type Page } from './client.ts'
import { endServices, settings, start, startApi, startChecker } from './service.ts'
import { secureSite, site, titled } from './site.ts'

const timeout = 90_000
const SECRET_KEY = 'a key for tests with more than 32 characters'

afterAll(endServices)

/** Of the checks of a page: what their paths end with. */
function paths({ jobs }: Page): readonly string[] {
  return jobs.map(({ url }) => new URL(url).pathname)
}

describe('an API and a checker', { timeout }, () => {
  let base: string
  let api: Client

  beforeAll(async () => {
    const env = settings({ CONCURRENCY: '1', SITE_RETRIES: '1' })
    const [{ url }] = await Promise.all([startApi(env), startChecker(env)])
    base = url
    api = new Client(url)
  }, timeout)

  it('check what is submitted and list it, whatever it is', async () => {
    const { port } = await site((request, response) => {
      if (request.url === '/old') response.writeHead(301, { location: '/' }).end()
      else if (request.url === '/inside') response.writeHead(302, { location: 'http://127.0.0.2/' }).end()
      else if (request.url === '/broken') response.writeHead(500).end()
      else titled('Shop')(request, response)
    })
    const safe = await secureSite(new Date('2031-02-03T04:05:06Z'), titled('Safe'))
    const shop = `http://127.0.0.1:${port}`
    const urls = [`${shop}/`, `${shop}/old`, `${shop}/inside`, `${shop}/broken`, `https://127.0.0.1:${safe.port}/`]

    const one = await api.submit({ url: `${shop}/#part` })
    expect(one).toMatchObject({ status: 202, body: { jobs: [{ url: urls[0], duplicate: false }] } })
    const several = await api.submit({ urls: urls.slice(1) })
    expect(several).toMatchObject({ status: 202, body: { jobs: urls.slice(1).map((url) => ({ url })) } })

    expect(await api.checksOf(urls)).toMatchObject([
      { id: one.body.jobs[0]!.id, outcome: 'answered', status: 200, title: 'Shop' },
      { outcome: 'answered', status: 200, hops: [{ status: 301 }, { status: 200 }] },
      { outcome: 'refused', error: { code: 'address-not-public' } },
      { outcome: 'answered', status: 500 },
      {
        title: 'Safe',
        certificate: { validTo: '2031-02-03T04:05:06.000Z', trusted: false, problem: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
      },
    ])
    await vi.waitFor(async () => expect(await api.pending()).toEqual([]), timeout)
  })

  it('have pages that stay what they were while checks come, and can be narrowed', async () => {
    const { port } = await site(titled('Page'))
    const submit = async (...names: readonly string[]): Promise<void> => {
      const urls = names.map((name) => `http://127.0.0.1:${port}/${name}`)
      await api.submit({ urls })
      await api.checksOf(urls)
    }

    await submit('a', 'b', 'c', 'd', 'e')
    const order = paths(await api.page('?limit=5'))
    expect(order.toSorted()).toEqual(['/a', '/b', '/c', '/d', '/e'])
    const first = await api.page('?limit=2')
    expect(paths(first)).toEqual(order.slice(0, 2))
    await submit('f', 'g', 'h')
    const second = await api.page(`?limit=2&after=${first.next}`)
    expect(paths(second)).toEqual(order.slice(2, 4))
    expect(second.total).toBe(first.total + 3)

    const ids: string[] = []
    for (let next: string | null = ''; next !== null;) {
      const page: Page = await api.page(`?limit=3${next === '' ? '' : `&after=${next}`}`)
      ids.push(...page.jobs.map(({ id }) => id))
      next = page.next
    }
    expect([ids.length, new Set(ids).size]).toEqual([second.total, second.total])
    const refused = await api.page('?outcome=refused')
    expect(refused.jobs.every(({ outcome }) => outcome === 'refused')).toBe(true)
    expect(refused.total).toBe(refused.jobs.length)
  })

  it.each([
    ['limit=0', 'querystring.limit'],
    ['limit=101', 'querystring.limit'],
    ['after=x', 'querystring.after'],
    ['outcome=x', 'querystring.outcome'],
    ['page=2', 'querystring'],
  ])('refuse to list by %s, and say which part is wrong', async (query, field) => {
    expect(await api.get(`/get_jobs?${query}`)).toMatchObject({ status: 400, body: { error: { field } } })
  })

  it.each([
    [{}, 'body', 'give either url or urls'],
    [{ url: 'https://a.example', urls: ['https://b.example'] }, 'body', 'give either url or urls'],
    [{ url: '' }, 'body.url', 'is empty'],
    [{ url: 'ftp://a.example' }, 'body.url', 'only http: and https:'],
    [{ urls: ['https://a.example', 'nothing much'] }, 'body.urls.1', 'is not a URL'],
    [{ urls: [] }, 'body.urls', ''],
    [{ urls: ['https://a.example', 'http://0xa.1/'] }, 'body.urls.1', '10.0.0.1 is an address that is not public'],
    [{ url: 'http://[::ffff:10.0.0.1]/' }, 'body.url', 'is an address that is not public'],
  ])('refuse to take %j, and take nothing of it', async (body, field, words) => {
    // A check can be read a moment before its job is over.
    await vi.waitFor(async () => expect(await api.pending()).toEqual([]), timeout)
    const before = (await api.page()).total
    const refused = await api.submit(body)
    expect(refused).toMatchObject({ status: 400, body: { error: { field } } })
    expect(refused.body.error!.message).toContain(words)
    expect([await api.pending(), (await api.page()).total]).toEqual([[], before])
  })

  it('ask a site that does not answer again, and then that is the outcome', async () => {
    const { port, asked } = await site((request) => request.socket.destroy())
    const url = `http://127.0.0.1:${port}/`
    await api.submit({ url })
    await vi.waitFor(async () => {
      const error = 'it ended the connection without a whole answer'
      expect(await api.pending()).toMatchObject([{ url, state: 'scheduled', attempt: 1, error }])
    }, timeout)
    expect(await api.checksOf([url])).toMatchObject([{ outcome: 'failed', error: { code: 'connection-lost' } }])
    expect(asked).toEqual(['/', '/'])
  })

  it('say what they are and how they are', async () => {
    const { body } = await api.get<{ readonly paths: object }>('/openapi.json')
    expect(Object.keys(body.paths)).toEqual(['/add_job', '/get_jobs', '/get_pending_jobs', '/live'])
    expect((await fetch(`${base}/readyz`)).status).toBe(200)
    expect(await (await fetch(`${base}/metrics`)).text()).toContain('jobport_queue_jobs')
  })
})

describe('what is submitted', { timeout }, () => {
  it('is not submitted twice while it waits, and is shown', async () => {
    const { url } = await startApi(settings())
    const api = new Client(url)
    const first = await api.submit({ url: 'Example.org' })
    const second = await api.submit({ urls: ['https://example.org/#x', 'https://example.org/other'] })
    const id = first.body.jobs[0]!.id
    expect(second.body.jobs).toMatchObject([{ id, duplicate: true }, { duplicate: false }])
    expect(await api.pending()).toMatchObject([
      { id, url: 'https://example.org/', state: 'waiting', attempt: 0, error: null },
      { url: 'https://example.org/other' },
    ])
  })

  it('is not lost when the checker is killed in the middle of it', async () => {
    const env = settings()
    const [{ url }, first] = await Promise.all([startApi(env), startChecker(env)])
    const api = new Client(url)
    let answers = false
    const { port, asked } = await site((request, response) => {
      // Requests of the first checker are never answered.
      if (answers) titled('Late')(request, response)
    })
    const urls = Array.from({ length: 5 }, (_, n) => `http://127.0.0.1:${port}/${n}`)
    await api.submit({ urls })
    await vi.waitFor(() => expect(asked).toHaveLength(5), timeout)
    first.process.kill('SIGKILL')
    expect(await first.ended).toBe('SIGKILL')
    expect((await api.page()).total).toBe(0)

    answers = true
    await startChecker(env)
    expect((await api.checksOf(urls)).map(({ title }) => title)).toEqual(urls.map(() => 'Late'))
    expect([asked.length, (await api.page()).total]).toEqual([10, 5])
  })

  it('is not lost when the connection to the broker is cut, nor is anybody who works with it', async () => {
    const broker = new URL(process.env['AMQP_URL']!)
    const proxy = await faultProxy({ port: Number(broker.port), host: broker.hostname })
    onTestFinished(() => proxy.close())
    const env = settings({ AMQP_URL: proxy.through(broker.href) })
    const [{ url, service }, checker] = await Promise.all([startApi(env), startChecker(env)])
    const api = new Client(url)
    const { port } = await site(titled('Here'))
    const urls = ['before', 'meanwhile', 'after'].map((path) => `http://127.0.0.1:${port}/${path}`)
    await api.submit({ url: urls[0] })
    await api.checksOf([urls[0]!])

    await proxy.inject({ kind: 'refuse' })
    // The job is stored, and sent when the broker is back.
    expect((await api.submit({ url: urls[1] })).status).toBe(202)
    await proxy.heal()
    expect((await api.submit({ url: urls[2] })).status).toBe(202)
    expect(await api.checksOf(urls)).toHaveLength(3)
    expect([service.process.exitCode, checker.process.exitCode]).toEqual([null, null])
  })

  it('is refused while Postgres is away, as one may repeat it, and so is what is asked for', async () => {
    const postgres = new URL(process.env['POSTGRES_URL']!)
    const proxy = await faultProxy({ port: Number(postgres.port), host: postgres.hostname })
    onTestFinished(() => proxy.close())
    const { url, service } = await startApi(settings({ POSTGRES_URL: proxy.through(postgres.href) }))
    const api = new Client(url)

    await proxy.inject({ kind: 'refuse' })
    const refused = { status: 503, retryAfter: '5', body: { error: { code: 'unavailable' } } }
    expect(await api.submit({ url: 'https://example.org' })).toMatchObject(refused)
    expect(await api.get('/get_jobs')).toMatchObject(refused)
    expect(await api.get('/get_pending_jobs')).toMatchObject(refused)
    expect((await fetch(`${url}/readyz`)).status).toBe(503)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)

    await proxy.heal()
    await vi.waitFor(async () => expect((await api.submit({ url: 'https://example.org' })).status).toBe(202), timeout)
    expect((await api.get('/get_jobs')).status).toBe(200)
    expect(service.process.exitCode).toBeNull()
  })

  it('is finished when the services are asked to stop, with a stream open', async () => {
    const env = settings()
    const [{ url, service }, checker] = await Promise.all([startApi(env), startChecker(env)])
    const api = new Client(url)
    const stream = await fetch(`${url}/live`)
    const events = stream.body!.getReader()
    const held: (() => void)[] = []
    const { port } = await site((request, response) => void held.push(() => titled('Slow')(request, response)))
    await api.submit({ url: `http://127.0.0.1:${port}/` })
    await vi.waitFor(() => expect(held).toHaveLength(1), timeout)
    checker.process.kill('SIGTERM')
    await checker.says(/"msg":"stopping"/)
    held[0]!()
    expect(await checker.ended).toBe(0)
    expect(await api.checksOf([`http://127.0.0.1:${port}/`])).toMatchObject([{ title: 'Slow' }])

    let seen = ''
    while (!seen.includes('event: outcome')) seen += new TextDecoder().decode((await events.read()).value)
    service.process.kill('SIGTERM')
    expect(await service.ended).toBe(0)
    while (!(await events.read()).done);
  })
})

describe('outside development', { timeout }, () => {
  it('only who has a token may submit', async () => {
    const key = { APP_ENV: 'production', SECRET_KEY }
    const token = start('token', key, 'ann', '7')
    const [{ url, service }] = await Promise.all([startApi(settings(key)), token.ended])
    const api = new Client(url)
    const job = { url: 'https://example.org' }
    const given = token.output().trim()
    const refused = { status: 401, body: { error: { code: 'token', field: 'headers.authorization' } } }
    expect(await api.submit(job)).toMatchObject(refused)
    expect(await api.submit(job, { authorization: `Bearer ${given}x` })).toMatchObject(refused)
    expect(await api.submit(job, { authorization: `Bearer ${given}` })).toMatchObject({ status: 202 })
    await service.says(/"user":"ann".*"msg":"submitted"/)
    expect(service.output()).not.toContain(given)
  })

  it('nothing starts without a key', async () => {
    const keyless = start('api', settings({ APP_ENV: 'production' }))
    expect(await keyless.ended).toBe(2)
    expect(keyless.output()).toContain('SECRET_KEY  is missing: what signs the tokens of those who may submit')
  })
})
